using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Faults;

/// <summary>The active faults and their remaining hits.</summary>
internal sealed class FaultStore
{
    private readonly Lock _gate = new();
    private readonly List<ActiveFault> _faults = [];

    /// <summary>Adds a fault.</summary>
    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _faults.Add(new(fault));
        }
    }

    /// <summary>Removes all faults.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _faults.Clear();
        }
    }

    /// <summary>The active faults, each with the remaining hits (null: unlimited) and the hits so far.</summary>
    public IReadOnlyList<(Fault Fault, int? Left, int Hits)> List()
    {
        lock (_gate)
        {
            return [.. _faults.Select(fault => (fault.Fault, fault.Left, fault.Hits))];
        }
    }

    /// <summary>Returns the first active fault that has one of the kinds and affects the operation, and counts the hit. Returns null if there is none.</summary>
    public Fault? Take(string operation, params IReadOnlyList<string> kinds)
    {
        lock (_gate)
        {
            return _faults
                .Where(fault => fault.Fault.Operation is "*" || fault.Fault.Operation.Equals(operation, StringComparison.OrdinalIgnoreCase))
                .Where(fault => kinds.Contains(fault.Fault.Kind))
                .FirstOrDefault(fault => fault.TryHit())?.Fault;
        }
    }

    private sealed class ActiveFault(Fault fault)
    {
        private readonly SeededRandom _random = new(fault.Seed);

        public Fault Fault => fault;

        public int? Left { get; private set; } = fault.Count;

        public int Hits { get; private set; }

        public bool TryHit()
        {
            if (Left is 0 || (fault.Share < 1 && _random.NextDouble() >= fault.Share))
            {
                return false;
            }

            Left--;
            Hits++;
            return true;
        }
    }
}
