using MLEvents.Local.Host;

namespace MLEvents.Local.Verify;

/// <summary>The promise's experiment: events in disorder and more than once, while processes are killed and what they need fails.</summary>
public static class Experiment
{
    private const int LowestPort = 15_000;
    private const int EnvironmentPorts = 300;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // Longer than a lease: what could still be done a second time would be by then.
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(8);

    /// <summary>Runs it.</summary>
    /// <param name="options">How.</param>
    /// <param name="tell">Takes a line for people as each thing happens.</param>
    /// <param name="cancellationToken">Ends it; every process is gone when the task is.</param>
    /// <exception cref="InvalidOperationException">A part did not start, ended by itself, or refused events for good.</exception>
    public static async Task<VerificationReport> RunAsync(VerificationOptions options, Action<string> tell, CancellationToken cancellationToken)
    {
        if (Directory.Exists(options.Folder))
        {
            Directory.Delete(options.Folder, recursive: true);
        }

        Directory.CreateDirectory(options.Folder);
        using var disk = BoundedVolume.TryMount(Path.Combine(options.Folder, "data"));
        using var environment = new VerificationEnvironment(options, new Ports(FreeBase()));
        using var simulator = new SimulatorClient(environment.Simulator, options.Seed);
        using var eventGrid = new EventGridSender(environment.Ingress);
        var events = VerificationEvents.Of(options);
        await StartAsync(environment, simulator, events, tell, cancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        var faults = FaultPlan.Of(options);
        var player = new FaultInjector(environment, simulator, disk, what => tell($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s  {what}"));
        await Task.WhenAll(player.PlayAsync(faults, cancellationToken), eventGrid.DeliverAsync(events.Deliveries, faults[^1].At, cancellationToken));
        tell($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s  all delivered, all running");
        await simulator.EndFaultsAsync(cancellationToken);
        var counts = await SettleAsync(environment.Processes, simulator, events.Expected, options.Patience, cancellationToken);
        var told = await ReportedDuplicates.CountAsync(environment.Notifier, counts, cancellationToken);
        return new(
            options.Seed, options.Events, events.Deliveries.Sum(batch => batch.Count), eventGrid.Repeats, player.Kills, disk is not null,
            TimeProvider.System.GetElapsedTime(start), [.. Lines(events.Expected, counts, told)], options.Folder);
    }

    private static async Task StartAsync(VerificationEnvironment environment, SimulatorClient simulator, VerificationEvents events, Action<string> tell, CancellationToken cancellationToken)
    {
        tell($"starting {environment.Processes.Count} processes");
        await environment.StartAsync(cancellationToken);
        foreach (var model in events.Models)
        {
            await simulator.RegisterAsync(model, cancellationToken);
        }

        await simulator.RestoreFaultsAsync(cancellationToken);
    }

    /// <summary>Waits until all is there and nothing has moved for a while; given up when patience ends.</summary>
    /// <exception cref="InvalidOperationException">A part ended by itself.</exception>
    internal static async Task<OutcomeCounts> SettleAsync(IReadOnlyList<ChildProcess> parts, SimulatorClient simulator, Expectation expected, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (begin, moved) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetTimestamp());
        var counts = await simulator.CountAsync(cancellationToken);
        while (TimeProvider.System.GetElapsedTime(begin) < patience && !(counts.Reach(expected) && TimeProvider.System.GetElapsedTime(moved) >= Still))
        {
            if (parts.FirstOrDefault(part => part.HasDied) is { } dead)
            {
                throw new InvalidOperationException($"The {dead.Name} ended by itself; its log says why.");
            }

            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            var now = await simulator.CountAsync(cancellationToken);
            moved = now.Total == counts.Total ? moved : TimeProvider.System.GetTimestamp();
            counts = now;
        }

        return counts;
    }

    private static IEnumerable<VerificationRow> Lines(Expectation expected, OutcomeCounts counts, int told)
    {
        yield return Line("mails", expected.Mails, counts.Mails, told);
        yield return Line("jobs", expected.Jobs, counts.Jobs, 0);
        yield return Line("Data Factory runs", expected.FactoryRuns, counts.FactoryRuns, 0);
        yield return Line("deployments", expected.Deployments, counts.Deployments, 0);
    }

    private static VerificationRow Line(string kind, int expected, IReadOnlyDictionary<string, int> counts, int told) =>
        new(kind, expected, counts.Count, counts.Values.Sum() - counts.Count, told);

    private static int FreeBase() => Enumerable.Range(0, 50)
        .Select(step => LowestPort + (step * EnvironmentPorts))
        .First(first => System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().All(used => used.Port < first || used.Port >= first + EnvironmentPorts));
}
