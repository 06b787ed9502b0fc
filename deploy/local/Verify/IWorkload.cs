using System.Text.Json.Nodes;

namespace MLEvents.Local.Verify;

/// <summary>What a verification run does with the system while faults are injected, and what must come of it.</summary>
internal interface IWorkload
{
    /// <summary>The number of different events.</summary>
    int Events { get; }

    /// <summary>The number of event deliveries, repetitions included.</summary>
    int Deliveries { get; }

    /// <summary>Prepares the simulator before the first fault.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Delivers the events while faults are injected.</summary>
    /// <param name="over">The time until the last fault.</param>
    /// <param name="cancellationToken">Cancels the delivery.</param>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly, or the ingress rejected events.</exception>
    Task DeliverAsync(TimeSpan over, CancellationToken cancellationToken);

    /// <summary>Waits until nothing more happens, and counts.</summary>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly.</exception>
    Task<IReadOnlyList<VerificationRow>> SettleAsync(CancellationToken cancellationToken);
}

/// <summary>What every workload works with.</summary>
/// <param name="Options">The options of the run.</param>
/// <param name="Environment">The running system.</param>
/// <param name="Simulator">The simulator.</param>
/// <param name="EventGrid">Delivers events.</param>
/// <param name="Report">Receives a line of progress for people.</param>
internal sealed record WorkloadContext(VerificationOptions Options, VerificationEnvironment Environment, VerificationSimulator Simulator, EventGridSender EventGrid, Action<string> Report)
{
    // Longer than a lease (5 s here): a duplicate that is still to come has come by then.
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(8);

    /// <summary>Delivers an event now, twice as Event Grid may do.</summary>
    public Task DeliverTwiceAsync(JsonObject single, CancellationToken cancellationToken) =>
        EventGrid.DeliverAsync([new JsonArray(single.DeepClone()), new JsonArray(single.DeepClone())], TimeSpan.Zero, cancellationToken);

    /// <summary>Waits for what may still come after the end.</summary>
    public static Task WaitForLateEffectsAsync(CancellationToken cancellationToken) => Task.Delay(Still, TimeProvider.System, cancellationToken);

    /// <summary>Checks that every process runs that was not stopped. While the disk is full or Redis is down, a process may end.</summary>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly.</exception>
    public void RequireAlive() => RequireAlive(Environment.MayProcessesEnd ? [] : Environment.Processes);

    /// <inheritdoc cref="RequireAlive()"/>
    public static void RequireAlive(IReadOnlyList<Host.ChildProcess> processes)
    {
        if (processes.FirstOrDefault(process => process.HasDied) is { } dead)
        {
            throw new InvalidOperationException($"The process {dead.Name} ended unexpectedly. Its log has the reason.");
        }
    }
}
