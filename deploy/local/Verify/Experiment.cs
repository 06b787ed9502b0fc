using MLEvents.Local.Host;
using MLEvents.Local.Verify.Rollouts;
using MLEvents.Local.Verify.Storms;

namespace MLEvents.Local.Verify;

/// <summary>One verification run: it delivers a workload while processes are killed and their dependencies fail.</summary>
public static class Experiment
{
    // The ports are below those of the tests. Otherwise, a test could listen on the port of a killed service and receive the messages of the service.
    private const int MinPort = 7_000;
    private const int EnvironmentPorts = 300;
    private const int Environments = 10;

    /// <summary>The highest port that a run may use.</summary>
    internal const int MaxPort = MinPort + (Environments * EnvironmentPorts) - 1;

    /// <summary>Runs the verification.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="report">Receives each line of progress.</param>
    /// <param name="cancellationToken">Stops the run. All processes have ended when the task completes.</param>
    /// <exception cref="InvalidOperationException">The run could not complete: for example, a process did not start or ended unexpectedly, or the ingress
    /// rejected events.</exception>
    public static async Task<VerificationReport> RunAsync(VerificationOptions options, Action<string> report, CancellationToken cancellationToken)
    {
        if (Directory.Exists(options.Folder))
        {
            Directory.Delete(options.Folder, recursive: true);
        }

        Directory.CreateDirectory(options.Folder);
        using var disk = BoundedVolume.TryMount(Path.Combine(options.Folder, "data"));
        using var environment = new VerificationEnvironment(options, new Ports(FreeBase(UsedPorts())));
        using var simulator = new VerificationSimulator(environment.Simulator, options.Seed);
        using var eventGrid = new EventGridSender(environment.Ingress);
        var workload = CreateWorkload(new(options, environment, simulator, eventGrid, report));
        report($"starting {environment.Processes.Count} processes");
        await environment.StartAsync(cancellationToken);
        await workload.PrepareAsync(cancellationToken);
        await simulator.RestoreFaultsAsync(cancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        var faults = FaultPlan.Create(options);
        var injector = new FaultInjector(environment, simulator, disk, what => report($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s  {what}"));
        var rows = await ParallelParts.RunBesideAsync(
            async stop =>
            {
                await ParallelParts.RunAsync(stop, inner => injector.PlayAsync(faults, inner), inner => workload.DeliverAsync(faults[^1].At, inner));
                report($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s  all events are delivered, all processes run");
                await simulator.EndFaultsAsync(stop);
                return await workload.SettleAsync(stop);
            },
            injector.RestartDaprdsAsync,
            cancellationToken);
        return new(
            options.Seed, workload.Events, workload.Deliveries, eventGrid.Repeats, injector.Kills, disk is not null,
            TimeProvider.System.GetElapsedTime(start), rows, options.Folder);
    }

    private static IWorkload CreateWorkload(WorkloadContext context) => context.Options.Kind switch
    {
        WorkloadKind.Rollouts => new RolloutWorkload(context),
        WorkloadKind.Storm => new StormWorkload(context),
        _ => new ActionWorkload(context),
    };

    /// <summary>Returns the first port of a range without listeners.</summary>
    /// <param name="used">The ports on which a program listens.</param>
    /// <exception cref="InvalidOperationException">Every range has a port in use.</exception>
    internal static int FreeBase(HashSet<int> used) => Enumerable.Range(0, Environments)
        .Select(step => MinPort + (step * EnvironmentPorts))
        .Where(first => !Enumerable.Range(first, EnvironmentPorts).Any(used.Contains))
        .Select(first => (int?)first)
        .FirstOrDefault()
        ?? throw new InvalidOperationException(
            $"Each of the {Environments} ranges of {EnvironmentPorts} ports from {MinPort} to {MaxPort} has a port in use. Stop programs that listen there, such as other verification runs.");

    private static HashSet<int> UsedPorts() =>
        [.. System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port)];
}
