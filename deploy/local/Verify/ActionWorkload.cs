using MLEvents.Local.Host;

namespace MLEvents.Local.Verify;

/// <summary>Delivers events out of order and more than once, and counts the actions that they cause.</summary>
internal sealed class ActionWorkload(WorkloadContext context) : IWorkload
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly VerificationEvents _events = VerificationEvents.Generate(context.Options);

    public int Events => context.Options.Events;

    public int Deliveries => _events.Deliveries.Sum(batch => batch.Count);

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (var model in _events.Models)
        {
            await context.Simulator.RegisterAsync(model, "1", cancellationToken);
        }
    }

    public Task DeliverAsync(TimeSpan over, CancellationToken cancellationToken) => context.EventGrid.DeliverAsync(_events.Deliveries, over, cancellationToken);

    public async Task<IReadOnlyList<VerificationRow>> SettleAsync(CancellationToken cancellationToken)
    {
        var counts = await SettleAsync(context.Environment.Processes, context.Simulator, _events.Expected, context.Options.SettleTimeout, cancellationToken);
        var reported = await ReportedDuplicates.CountAsync(context.Environment.Notifier, counts, cancellationToken);
        return [.. CreateRows(_events.Expected, counts, reported)];
    }

    /// <summary>
    /// Waits until all expected actions are counted and the total has not changed for <see cref="WorkloadContext.DuplicateWindow"/>, or until the timeout.
    /// </summary>
    /// <exception cref="InvalidOperationException">A process ended unexpectedly, or the simulator dropped mails.</exception>
    internal static async Task<OutcomeCounts> SettleAsync(IReadOnlyList<ChildProcess> processes, VerificationSimulator simulator, Expectation expected, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var (begin, moved) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetTimestamp());
        var counts = await simulator.CountAsync(cancellationToken);
        while (TimeProvider.System.GetElapsedTime(begin) < timeout && !(counts.HasReached(expected) && TimeProvider.System.GetElapsedTime(moved) >= WorkloadContext.DuplicateWindow))
        {
            WorkloadContext.RequireAlive(processes);
            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken);
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
}
