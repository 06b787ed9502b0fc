using System.Collections.Concurrent;

using MLEvents.Local.Host;

namespace MLEvents.Local.Verify;

/// <summary>Plays the schedule of faults on the running system.</summary>
internal sealed class FaultInjector(VerificationEnvironment environment, SimulatorClient simulator, BoundedVolume? disk, Action<string> tell)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private readonly List<Task> _ending = [];
    private readonly ConcurrentDictionary<string, bool> _down = [];

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
        FaultKind.RollingRestart => RestartAllAsync(cancellationToken),
        _ => DiskFullAsync(fault.For, cancellationToken),
    };

    private async Task KillAsync(PlannedFault fault, CancellationToken cancellationToken)
    {
        // If it is down already, the next one that runs.
        var first = fault.Victim % environment.Processes.Count;
        if (environment.Processes.Skip(first).Concat(environment.Processes.Take(first)).FirstOrDefault(part => _down.TryAdd(part.Name, true)) is not { } victim)
        {
            return;
        }

        victim.Kill();
        Kills++;
        tell($"killed {victim.Name}");
        await Task.Delay(fault.For, TimeProvider.System, cancellationToken);
        await StartAsync(victim, cancellationToken);
    }

    private async Task RestartAllAsync(CancellationToken cancellationToken)
    {
        tell("rolling restart");
        foreach (var part in environment.Processes.Where(part => part.Name != VerificationEnvironment.SimulatorName && _down.TryAdd(part.Name, true)))
        {
            if (!await part.TryStopAsync(Grace, cancellationToken))
            {
                throw new InvalidOperationException($"The {part.Name} did not stop within {Grace.TotalSeconds} s of SIGTERM.");
            }

            await StartAsync(part, cancellationToken);
        }

        tell("rolling restart done");
    }

    private async Task StartAsync(ChildProcess part, CancellationToken cancellationToken)
    {
        part.Start();
        _down.TryRemove(part.Name, out _);
        if (part.Name == VerificationEnvironment.SimulatorName)
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
