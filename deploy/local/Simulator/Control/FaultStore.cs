namespace MLEvents.Local.Simulator.Control;

/// <summary>The faults in force and what is left of each.</summary>
internal sealed class FaultStore
{
    private readonly Lock _gate = new();
    private readonly List<ActiveFault> _faults = [];

    /// <summary>Puts a fault in force.</summary>
    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _faults.Add(new(fault));
        }
    }

    /// <summary>Ends all faults.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _faults.Clear();
        }
    }

    /// <summary>The faults in force, each with the number of hits left (null: no end) and the hits so far.</summary>
    public IReadOnlyList<(Fault Fault, int? Left, int Hits)> List()
    {
        lock (_gate)
        {
            return [.. _faults.Select(fault => (fault.Fault, fault.Left, fault.Hits))];
        }
    }

    /// <summary>Takes one hit of the first fault in force for an operation that is of one of the kinds.</summary>
    public Fault? Take(string operation, params IReadOnlyList<string> kinds)
    {
        lock (_gate)
        {
            return _faults
                .Where(fault => fault.Fault.Operation is "*" || fault.Fault.Operation.Equals(operation, StringComparison.OrdinalIgnoreCase))
                .Where(fault => kinds.Contains(fault.Fault.Kind))
                .FirstOrDefault(fault => fault.Strikes())?.Fault;
        }
    }

    private sealed class ActiveFault(Fault fault)
    {
        private readonly SeededRandom _dice = new(fault.Seed);

        public Fault Fault => fault;

        public int? Left { get; private set; } = fault.Count;

        public int Hits { get; private set; }

        public bool Strikes()
        {
            if (Left is 0 || (fault.Share < 1 && _dice.Roll() >= fault.Share))
            {
                return false;
            }

            Left--;
            Hits++;
            return true;
        }
    }
}
