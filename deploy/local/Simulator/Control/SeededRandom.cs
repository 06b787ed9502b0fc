using System.Diagnostics.CodeAnalysis;

namespace MLEvents.Local.Simulator.Control;

/// <summary>Chance that a seed makes repeatable.</summary>
internal sealed class SeededRandom(int seed)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    /// <summary>A number from 0 to just below 1.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "Repeatable on purpose; nothing here is a secret.")]
    public double Roll()
    {
        lock (_gate)
        {
            return _random.NextDouble();
        }
    }
}
