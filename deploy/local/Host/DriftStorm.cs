using System.Globalization;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Host;

/// <summary>
/// A scenario: many drift events of two monitors. The limits of the rule allow three trainings.
/// The result shows each training and each waiting action, with the number of events that it acts for.
/// </summary>
internal sealed class DriftStorm(SimulatorClient simulator, Uri retrainer, ConsoleWriter console, TimeProvider time) : IDisposable
{
    /// <summary>The folder of the rules, below the sample rules.</summary>
    public const string RulesFolder = "scenarios/drift-storm";

    private const int Events = 200;
    private const double Coefficient = 0.8;

    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly StormActions _actions = new(retrainer);

    /// <summary>How long the storm and its trainings may take.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(180);

    /// <summary>
    /// Sends the drift events. Then polls the retrainer until <see cref="StormResult.IsSettled"/> is true or <see cref="Limit"/> is reached.
    /// </summary>
    public async Task<ScenarioOutcome> PlayAsync(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var last = (await simulator.TimelineAsync(stop)).Last;
        var events = await SendEventsAsync(stop);
        console.Step(time.GetElapsedTime(began), "storm sent", string.Create(CultureInfo.InvariantCulture, $"{events.Count} drift events of two monitors"));

        var result = await ReadResultAsync(events, last, stop);
        while (!result.IsSettled && time.GetElapsedTime(began) < Limit)
        {
            await Task.Delay(PollInterval, time, stop);
            result = await ReadResultAsync(events, last, stop);
        }

        var elapsed = time.GetElapsedTime(began);
        result.Lines.ToList().ForEach(line => console.Line($"  {line}"));
        return new ScenarioOutcome(events[0], [], result.Missing, elapsed, Limit) { Storm = result };
    }

    public void Dispose() => _actions.Dispose();

    private async Task<IReadOnlyList<string>> SendEventsAsync(CancellationToken stop)
    {
        var (play, events) = ($"storm-{Guid.NewGuid():N}", new List<string>());
        for (var number = 0; number < Events; number++)
        {
            events.Add(await simulator.DriftAsync($"{play}.{(number % 2 == 0 ? "churn" : "sales")}", Coefficient, stop));
            await Task.Delay(BetweenEvents, time, stop);
        }

        return events;
    }

    private async Task<StormResult> ReadResultAsync(IReadOnlyList<string> events, long after, CancellationToken stop) =>
        new(events, await _actions.ReadAsync(events, stop), await CountMaxRunningAsync(events, after, stop));

    // Reads the simulator's timeline, and returns the largest number of trainings that ran at the same time. A job's correlation is the id of the event that started it.
    private async Task<int> CountMaxRunningAsync(IReadOnlyList<string> events, long after, CancellationToken stop)
    {
        var (running, max) = (new HashSet<string>(), 0);
        var chains = events.ToHashSet(StringComparer.Ordinal);
        for (var page = await simulator.TimelineAsync(after, TimeSpan.Zero, stop); page.Entries.Count > 0; page = await simulator.TimelineAsync(page.Last, TimeSpan.Zero, stop))
        {
            foreach (var entry in page.Entries.Where(entry => entry.Correlation is { } chain && chains.Contains(chain)))
            {
                _ = entry.Kind switch
                {
                    "job.NotStarted" => running.Add(entry.Subject),
                    "job.Completed" or "job.Failed" or "job.Canceled" => running.Remove(entry.Subject),
                    _ => false,
                };
                max = Math.Max(max, running.Count);
            }
        }

        return max;
    }
}
