using System.Diagnostics.CodeAnalysis;

namespace MLEvents.Local.Simulator.Primitives;

/// <summary>A thread-safe random number generator with a seed. Equal seeds give equal sequences.</summary>
internal sealed class SeededRandom(int seed)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    /// <summary>A number from 0 to just below 1.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "Repeatable on purpose; nothing here is a secret.")]
    public double NextDouble()
    {
        lock (_gate)
        {
            return _random.NextDouble();
        }
    }
}
