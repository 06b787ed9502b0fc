using MLEvents.Local.Host;

namespace MLEvents.Local.Verify;

/// <summary>One verification run: it delivers events out of order and more than once while processes are killed and their dependencies fail.</summary>
public static class Experiment
{
    private const int LowestPort = 15_000;
    private const int EnvironmentPorts = 300;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // Longer than a lease (5 s here): a duplicate that is still to come has come by then.
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(8);

    /// <summary>Runs the verification.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="report">Receives a line of progress for people.</param>
    /// <param name="cancellationToken">Stops the run. All processes have ended when the task completes.</param>
    /// <exception cref="InvalidOperationException">A process did not start or ended unexpectedly, or the ingress rejected events.</exception>
    public static async Task<VerificationReport> RunAsync(VerificationOptions options, Action<string> report, CancellationToken cancellationToken)
    {
        if (Directory.Exists(options.Folder))
        {
            Directory.Delete(options.Folder, recursive: true);
        }

        Directory.CreateDirectory(options.Folder);
        using var disk = BoundedVolume.TryMount(Path.Combine(options.Folder, "data"));
        using var environment = new VerificationEnvironment(options, new Ports(FreeBase()));
        using var simulator = new VerificationSimulator(environment.Simulator, options.Seed);
        using var eventGrid = new EventGridSender(environment.Ingress);
        var events = VerificationEvents.Generate(options);
        await StartAsync(environment, simulator, events, report, cancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        var faults = FaultPlan.Create(options);
        var player = new FaultInjector(environment, simulator, disk, what => report($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s  {what}"));
        await Task.WhenAll(player.PlayAsync(faults, cancellationToken), eventGrid.DeliverAsync(events.Deliveries, faults[^1].At, cancellationToken));
        report($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s  all delivered, all running");
        await simulator.EndFaultsAsync(cancellationToken);
        var counts = await SettleAsync(environment.Processes, simulator, events.Expected, options.SettleTimeout, cancellationToken);
        var reported = await ReportedDuplicates.CountAsync(environment.Notifier, counts, cancellationToken);
        return new(
            options.Seed, options.Events, events.Deliveries.Sum(batch => batch.Count), eventGrid.Repeats, player.Kills, disk is not null,
            TimeProvider.System.GetElapsedTime(start), [.. CreateRows(events.Expected, counts, reported)], options.Folder);
    }

    private static async Task StartAsync(VerificationEnvironment environment, VerificationSimulator simulator, VerificationEvents events, Action<string> report, CancellationToken cancellationToken)
    {
        report($"starting {environment.Processes.Count} processes");
        await environment.StartAsync(cancellationToken);
        foreach (var model in events.Models)
        {
            await simulator.RegisterAsync(model, cancellationToken);
        }

        await simulator.RestoreFaultsAsync(cancellationToken);
    }

    /// <summary>Waits until all expected actions are counted and the counts have been stable for a while, or until the patience ends.</summary>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly.</exception>
    internal static async Task<OutcomeCounts> SettleAsync(IReadOnlyList<ChildProcess> processes, VerificationSimulator simulator, Expectation expected, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (begin, moved) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetTimestamp());
        var counts = await simulator.CountAsync(cancellationToken);
        while (TimeProvider.System.GetElapsedTime(begin) < patience && !(counts.Reach(expected) && TimeProvider.System.GetElapsedTime(moved) >= Still))
        {
            if (processes.FirstOrDefault(process => process.HasDied) is { } dead)
            {
                throw new InvalidOperationException($"The process {dead.Name} ended unexpectedly. Its log has the reason.");
            }

            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            var now = await simulator.CountAsync(cancellationToken);
            moved = now.Total == counts.Total ? moved : TimeProvider.System.GetTimestamp();
            counts = now;
        }

        return counts;
    }

    private static IEnumerable<VerificationRow> CreateRows(Expectation expected, OutcomeCounts counts, int reported)
    {
        yield return CreateRow("mails", expected.Mails, counts.Mails, reported);
        yield return CreateRow("jobs", expected.Jobs, counts.Jobs, 0);
        yield return CreateRow("Data Factory runs", expected.FactoryRuns, counts.FactoryRuns, 0);
        yield return CreateRow("deployments", expected.Deployments, counts.Deployments, 0);
    }

    private static VerificationRow CreateRow(string kind, int expected, IReadOnlyDictionary<string, int> counts, int reported) =>
        new(kind, expected, counts.Count, counts.Values.Sum() - counts.Count, reported);

    private static int FreeBase() => Enumerable.Range(0, 50)
        .Select(step => LowestPort + (step * EnvironmentPorts))
        .First(first => System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().All(used => used.Port < first || used.Port >= first + EnvironmentPorts));
}
