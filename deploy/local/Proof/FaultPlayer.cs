namespace MLEvents.Local.Proof;

/// <summary>Plays the schedule of faults on the running system.</summary>
internal sealed class FaultPlayer(ProofTown town, SimulatorView simulator, SmallDisk? disk, Action<string> tell)
{
    private readonly List<Task> _ending = [];
    private readonly HashSet<string> _dead = [];

    /// <summary>How many processes were killed.</summary>
    public int Kills { get; private set; }

    /// <summary>Plays all faults; completes when the last is over and everything runs again.</summary>
    public async Task PlayAsync(IReadOnlyList<PlannedFault> faults, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        foreach (var fault in faults)
        {
            var wait = fault.At - TimeProvider.System.GetElapsedTime(start);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, TimeProvider.System, cancellationToken);
            _ending.Add(PlayAsync(fault, cancellationToken));
        }

        await Task.WhenAll(_ending);
    }

    private Task PlayAsync(PlannedFault fault, CancellationToken cancellationToken) => fault.Kind switch
    {
        FaultKind.Kill => KillAsync(fault, cancellationToken),
        FaultKind.MailDown => MailDownAsync(fault.For, cancellationToken),
        _ => DiskFullAsync(fault.For, cancellationToken),
    };

    private async Task KillAsync(PlannedFault fault, CancellationToken cancellationToken)
    {
        var victim = town.Parts[fault.Victim % town.Parts.Count];
        if (!_dead.Add(victim.Name))
        {
            // Dead already: the next one that lives.
            victim = town.Parts.First(part => _dead.Add(part.Name));
        }

        victim.Kill();
        Kills++;
        tell($"killed {victim.Name}");
        await Task.Delay(fault.For, TimeProvider.System, cancellationToken);
        victim.Start();
        _dead.Remove(victim.Name);
        if (victim.Name == ProofTown.SimulatorName)
        {
            await simulator.RestoreFaultsAsync(cancellationToken);
        }
    }

    private async Task MailDownAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        tell("mail server down");
        await simulator.SetMailDownAsync(true, cancellationToken);
        await Task.Delay(duration, TimeProvider.System, cancellationToken);
        await simulator.SetMailDownAsync(false, cancellationToken);
        tell("mail server back");
    }

    private async Task DiskFullAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        if (disk is null)
        {
            tell("the disk is not filled: that takes root on Linux");
            return;
        }

        disk.Fill();
        tell("disk full");
        try
        {
            await Task.Delay(duration, TimeProvider.System, cancellationToken);
        }
        finally
        {
            disk.Empty();
        }

        tell("disk has room");
    }
}
