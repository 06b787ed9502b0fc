using System.Globalization;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Host;

/// <summary>Two monitors report drift two hundred times. The limits of the rule allow three trainings, and every event is accounted for.</summary>
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

    /// <summary>Plays the storm until the allowed trainings have ended and the last follow-up waits for the budget.</summary>
    public async Task<ScenarioOutcome> PlayAsync(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var last = (await simulator.TimelineAsync(stop)).Last;
        var events = await SendEventsAsync(stop);
        console.Step(time.GetElapsedTime(began), "storm sent", string.Create(CultureInfo.InvariantCulture, $"{events.Count} drift events of two monitors"));

        var account = await AccountAsync(events, last, stop);
        while (!account.IsSettled && time.GetElapsedTime(began) < Limit)
        {
            await Task.Delay(PollInterval, time, stop);
            account = await AccountAsync(events, last, stop);
        }

        var elapsed = time.GetElapsedTime(began);
        account.Lines.ToList().ForEach(line => console.Line($"  {line}"));
        return new ScenarioOutcome(events[0], [], account.Missing, elapsed, Limit) { Account = account };
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

    private async Task<StormAccount> AccountAsync(IReadOnlyList<string> events, long after, CancellationToken stop) =>
        new(events, await _actions.ReadAsync(events, stop), await MostAtOnceAsync(events, after, stop));

    // The jobs carry the id of the event as their correlation.
    private async Task<int> MostAtOnceAsync(IReadOnlyList<string> events, long after, CancellationToken stop)
    {
        var (running, most) = (new HashSet<string>(), 0);
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
                most = Math.Max(most, running.Count);
            }
        }

        return most;
    }
}
