using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Host;

namespace MLEvents.Local.Verify.Storms;

/// <summary>Two monitors report drift many times. The limits of a rule allow at most three trainings, one at a time. Every event must be accounted for.</summary>
internal sealed class StormWorkload(WorkloadContext context) : IWorkload
{
    private const double Repeated = 0.2;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private readonly IReadOnlyList<JsonObject> _events = VerificationEvents.Storm(context.Options.Seed, context.Options.Events);

    public int Events => _events.Count;

    public int Deliveries { get; private set; }

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DeliverAsync(TimeSpan over, CancellationToken cancellationToken)
    {
        var random = new Random(context.Options.Seed);
        var batches = _events.SelectMany(one => Enumerable.Repeat(one, random.NextDouble() < Repeated ? 2 : 1)).Select(one => new JsonArray(one.DeepClone())).ToList();
        Deliveries = batches.Count;
        return context.EventGrid.DeliverAsync(batches, over, cancellationToken);
    }

    public async Task<IReadOnlyList<VerificationRow>> SettleAsync(CancellationToken cancellationToken)
    {
        using var actions = new StormActions(context.Environment.Retrainer, new RetryUntilReachableHandler());
        var begin = TimeProvider.System.GetTimestamp();
        var result = await ReadAsync(actions, cancellationToken);
        while (!result.IsSettled && TimeProvider.System.GetElapsedTime(begin) < context.Options.SettleTimeout)
        {
            context.RequireAlive();
            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken);
            result = await ReadAsync(actions, cancellationToken);
        }

        await WorkloadContext.WaitForLateEffectsAsync(cancellationToken);
        result = await ReadAsync(actions, cancellationToken);
        var rows = CreateRows(result, (await context.Simulator.CountAsync(cancellationToken)).Jobs);
        if (!rows.All(row => row.Passed))
        {
            result.Lines.ToList().ForEach(context.Report);
        }

        return rows;
    }

    /// <summary>Creates the rows of a storm.</summary>
    /// <param name="result">The result of the storm.</param>
    /// <param name="jobs">The number of jobs of each action.</param>
    internal static IReadOnlyList<VerificationRow> CreateRows(StormResult result, IReadOnlyDictionary<string, int> jobs) =>
    [
        new("trainings", result.ExpectedRuns, jobs.Count, jobs.Values.Sum() - jobs.Count, 0),
        new("trainings at once", 1, result.MaxRunning, 0, 0),
        new("coalesced", result.RepresentedEvents, result.CoalescedEvents, 0, 0),
        new("held back", result.Events - result.ExpectedRuns - result.CoalescedEvents, result.Waiting.Count, 0, 0),
        new("accounted for", result.Events, result.Events - result.Unaccounted.Count, 0, 0),
    ];

    private async Task<StormResult> ReadAsync(StormActions actions, CancellationToken cancellationToken)
    {
        var ids = _events.Select(one => (string?)one["id"] ?? "").ToList();
        return new(ids, await actions.ReadAsync(ids, cancellationToken), JobOverlap.Max(await context.Simulator.JobsAsync(cancellationToken)));
    }
}

/// <summary>Counts jobs that run at the same time. It uses the times of the jobs, because the simulator loses its timeline when it is killed.</summary>
internal static class JobOverlap
{
    /// <summary>The largest number of jobs in progress at the same time. A job is in progress from its creation to its end.</summary>
    public static int Max(IEnumerable<JsonObject> jobs)
    {
        var spans = jobs.Select(job => (From: Time(job["systemData"]?["createdAt"]) ?? DateTimeOffset.MinValue, To: Time(job["properties"]?["properties"]?["EndTimeUtc"]) ?? DateTimeOffset.MaxValue)).ToList();
        return spans.Select(span => spans.Count(other => other.From <= span.From && other.To > span.From)).DefaultIfEmpty(0).Max();
    }

    private static DateTimeOffset? Time(JsonNode? time) => DateTimeOffset.TryParse((string?)time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed : null;
}
