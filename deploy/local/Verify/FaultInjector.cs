using System.Collections.Concurrent;

using MLEvents.Local.Host;

namespace MLEvents.Local.Verify;

/// <summary>Injects the scheduled faults into the running system.</summary>
internal sealed class FaultInjector(VerificationEnvironment environment, VerificationSimulator simulator, BoundedVolume? disk, Action<string> report)
{
    // terminationGracePeriodSeconds of AKS and Container Apps. A service that stops waits up to 20 s for running steps. The whole stop takes up to 30 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private readonly List<Task> _ending = [];
    private readonly ConcurrentDictionary<string, bool> _down = [];

    /// <summary>The number of processes killed so far.</summary>
    public int Kills { get; private set; }

    /// <summary>Injects all faults. Completes when the last fault is over and all processes run again.</summary>
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

    /// <summary>Restarts each daprd that has ended, until the call is cancelled.</summary>
    public async Task RestartDaprdsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(PollInterval);
        while (environment.HasDaprds && await timer.WaitForNextTickAsync(cancellationToken))
        {
            RestartEnded();
        }
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
        // If the chosen process is down already, the next running process is killed.
        var first = fault.Victim % environment.Processes.Count;
        if (environment.Processes.Skip(first).Concat(environment.Processes.Take(first)).FirstOrDefault(process => _down.TryAdd(process.Name, true)) is not { } victim)
        {
            return;
        }

        victim.Kill();
        Kills++;
        report($"killed {victim.Name}");
        await Task.Delay(fault.For, TimeProvider.System, cancellationToken);
        await StartAsync(victim, cancellationToken);
    }

    private async Task RestartAllAsync(CancellationToken cancellationToken)
    {
        report("rolling restart");
        foreach (var process in environment.Processes.Where(process => process.Name is not (VerificationEnvironment.SimulatorName or VerificationRedis.Name) && _down.TryAdd(process.Name, true)))
        {
            if (!await process.TryStopAsync(Grace, cancellationToken))
            {
                throw new InvalidOperationException($"The {process.Name} did not stop within {Grace.TotalSeconds} s of SIGTERM.");
            }

            await StartAsync(process, cancellationToken);
        }

        report("rolling restart done");
    }

    private async Task StartAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        await environment.StartAsync(process, cancellationToken);
        _down.TryRemove(process.Name, out _);
        if (process.Name == VerificationEnvironment.SimulatorName)
        {
            await simulator.RestoreFaultsAsync(cancellationToken);
        }
    }

    private async Task MailDownAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        report("mail server down");
        await simulator.SetMailDownAsync(true, cancellationToken);
        await Task.Delay(duration, TimeProvider.System, cancellationToken);
        await simulator.SetMailDownAsync(false, cancellationToken);
        report("mail server back");
    }

    private async Task DiskFullAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        if (disk is null)
        {
            report("the disk is not filled: this requires root on Linux");
            return;
        }

        environment.CountFullDisk(begins: true);
        disk.Fill();
        report("disk full");
        try
        {
            await Task.Delay(duration, TimeProvider.System, cancellationToken);
        }
        finally
        {
            disk.Empty();
        }

        report("disk has space again");
        RestartEnded();
        environment.CountFullDisk(begins: false);
    }

    // A sidecar ends if it cannot write to its disk, or if it cannot reach Redis at its start. A service that receives no deliveries shuts its daprd down.
    // In production, systemd or Kubernetes restarts these processes.
    private void RestartEnded()
    {
        foreach (var process in environment.Processes.Where(process => process.HasEndedUnexpectedly && environment.MayEnd(process) && _down.TryAdd(process.Name, true)))
        {
            report($"restarted {process.Name}, which had ended");
            process.Kill();
            process.Start();
            _down.TryRemove(process.Name, out _);
        }
    }
}
