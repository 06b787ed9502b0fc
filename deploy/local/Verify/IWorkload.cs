using System.Text.Json.Nodes;

namespace MLEvents.Local.Verify;

/// <summary>The work that a verification run gives the system while faults are injected, and the expected result.</summary>
internal interface IWorkload
{
    /// <summary>The number of different events.</summary>
    int Events { get; }

    /// <summary>The number of event deliveries, including repetitions.</summary>
    int Deliveries { get; }

    /// <summary>Prepares the simulator before the first fault.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Delivers the events while faults are injected.</summary>
    /// <param name="over">The time until the last fault.</param>
    /// <param name="cancellationToken">Cancels the delivery.</param>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly, or the ingress rejected events.</exception>
    Task DeliverAsync(TimeSpan over, CancellationToken cancellationToken);

    /// <summary>Waits until no more actions follow, and counts the results.</summary>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly.</exception>
    Task<IReadOnlyList<VerificationRow>> SettleAsync(CancellationToken cancellationToken);
}

/// <summary>The objects that every workload uses.</summary>
/// <param name="Options">The options of the run.</param>
/// <param name="Environment">The running system.</param>
/// <param name="Simulator">The simulator.</param>
/// <param name="EventGrid">Delivers events.</param>
/// <param name="Report">Receives each line of progress.</param>
internal sealed record WorkloadContext(VerificationOptions Options, VerificationEnvironment Environment, VerificationSimulator Simulator, EventGridSender EventGrid, Action<string> Report)
{
    /// <summary>The time to wait for late duplicates. It is longer than a lease, which is 5 s in a verification run.</summary>
    public static readonly TimeSpan DuplicateWindow = TimeSpan.FromSeconds(8);

    /// <summary>Delivers an event twice, as Event Grid may do.</summary>
    public Task DeliverTwiceAsync(JsonObject single, CancellationToken cancellationToken) =>
        EventGrid.DeliverAsync([new JsonArray(single.DeepClone()), new JsonArray(single.DeepClone())], TimeSpan.Zero, cancellationToken);

    /// <summary>Waits for effects that may follow the end of the actions.</summary>
    public static Task WaitForLateEffectsAsync(CancellationToken cancellationToken) => Task.Delay(DuplicateWindow, TimeProvider.System, cancellationToken);

    /// <summary>Checks that no process has ended unexpectedly, except the processes that <see cref="VerificationEnvironment.MayEnd"/> allows to end.</summary>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly.</exception>
    public void RequireAlive() => RequireAlive([.. Environment.Processes.Where(process => !Environment.MayEnd(process))]);

    /// <summary>Checks that none of the processes has ended unexpectedly.</summary>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly.</exception>
    public static void RequireAlive(IReadOnlyList<Host.ChildProcess> processes)
    {
        if (processes.FirstOrDefault(process => process.HasEndedUnexpectedly) is { } dead)
        {
            throw new InvalidOperationException($"The process {dead.Name} ended unexpectedly. Its log has the reason.");
        }
    }
}
