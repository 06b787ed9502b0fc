using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Host;

/// <summary>Plays a scenario: triggers it and follows the timeline of the simulator.</summary>
internal sealed class Scenario(SimulatorClient simulator, ConsoleWriter console, TimeProvider time, ScenarioPlan plan)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly List<ScenarioStep> _missing = [.. plan.Steps];
    private readonly List<CompletedStep> _seen = [];

    /// <summary>The time limit for all steps together. Default: the limit of the scenario.</summary>
    public TimeSpan Limit { get; init; } = plan.Limit;

    /// <summary>Called after each completed step.</summary>
    public Func<CompletedStep, CancellationToken, Task> AfterStepAsync { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Triggers the scenario and follows the timeline until every step is complete or the limit is reached.</summary>
    public async Task<ScenarioOutcome> PlayAsync(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var last = (await simulator.TimelineAsync(stop)).Last;
        var correlation = await plan.TriggerAsync(simulator, stop);
        using var limited = new CancellationTokenSource(Limit, time);
        while (_missing.Count > 0 && await NextAsync(last, limited.Token, stop) is { } entries)
        {
            foreach (var entry in entries)
            {
                last = entry.Number;
                await ReportStepAsync(entry, correlation, time.GetElapsedTime(began), stop);
            }
        }

        return new(correlation, _seen, [.. _missing.Select(step => step.Name)], time.GetElapsedTime(began), Limit);
    }

    private async Task ReportStepAsync(TimelineEntry entry, string correlation, TimeSpan after, CancellationToken stop)
    {
        if (_missing.Find(step => step.Fits(entry, correlation, _seen.Select(one => one.Name))) is { } step)
        {
            _missing.Remove(step);
            var seen = new CompletedStep(step.Name, after, entry.Subject);
            _seen.Add(seen);
            console.Step(after, step.Name, entry.Subject);
            await AfterStepAsync(seen, stop);
        }
    }

    // Returns null at the limit, even if the simulator does not answer.
    private async Task<IReadOnlyList<TimelineEntry>?> NextAsync(long last, CancellationToken limited, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited, stop);
        try
        {
            return limited.IsCancellationRequested ? null : (await simulator.TimelineAsync(last, MaxWait, either.Token)).Entries;
        }
        catch (OperationCanceledException) when (limited.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return null;
        }
    }
}

/// <summary>The outcome of the scenario.</summary>
internal sealed record ScenarioOutcome(string CorrelationId, IReadOnlyList<CompletedStep> Steps, IReadOnlyList<string> Missing, TimeSpan Elapsed, TimeSpan Limit)
{
    /// <summary>Whether no step is missing.</summary>
    public bool IsComplete => Missing.Count == 0;

    /// <summary>The result of a storm; null in other scenarios.</summary>
    public StormResult? Storm { get; init; }
}

/// <summary>A completed step.</summary>
internal sealed record CompletedStep(string Name, TimeSpan After, string Subject);
