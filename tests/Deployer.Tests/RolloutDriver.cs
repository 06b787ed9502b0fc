using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Tests;

/// <summary>Executes the steps of a roll-out in order, and merges their results into the record as the ledger does. Its own clock advances by the wait of each result.</summary>
internal sealed class RolloutDriver
{
    private const int MaxSteps = 400;
    private readonly Rollout _work;

    public RolloutDriver(FakeAzure azure, RolloutStrategy? strategy, string stage = "", DeployerOptions? options = null)
    {
        _work = TestData.Work(azure, Options.Create(options ?? new DeployerOptions()), Time);
        Record = TestData.Record(TestData.Plan with { Strategy = strategy }, stage);
    }

    public FakeTimeProvider Time { get; } = new(TestData.Now);

    public ActionRecord Record { get; set; }

    /// <summary>The stages that the roll-out has reached, in order.</summary>
    public List<string> Stages { get; } = [];

    /// <summary>Executes a step, and advances the clock by the wait in its result.</summary>
    public async Task<StepResult> StepAsync()
    {
        var result = await _work.StepAsync(Record, TestContext.Current.CancellationToken);
        var next = result as Continue;
        if (next is not null && next.Stage != Record.Stage)
        {
            Stages.Add(next.Stage);
        }

        Record = Record with
        {
            Stage = next?.Stage ?? Record.Stage,
            Failures = result is Retry ? Record.Failures + 1 : 0,
            Detail = result.Detail ?? Record.Detail,
            State = new Dictionary<string, string>(Record.State.Concat(result.State).GroupBy(pair => pair.Key).Select(group => group.Last())),
        };
        Time.Advance(next?.After ?? (result as Retry)?.After ?? TimeSpan.Zero);
        return result;
    }

    /// <summary>Executes steps until the roll-out ends.</summary>
    public Task<StepResult> RunAsync() => RunUntilAsync(_ => false);

    /// <summary>Executes steps until the roll-out ends or has reached a stage.</summary>
    public Task<StepResult> ReachAsync(string stage) => RunUntilAsync(record => record.Stage == stage);

    /// <summary>Cancels the action, as an operator does.</summary>
    public Task<CancelAnswer?> CancelAsync() => _work.CancelAsync(Record, RolloutPlan.Read(Record.Plan), TestContext.Current.CancellationToken);

    /// <summary>Checks whether the action must end while it waits for an approval, as the ledger does.</summary>
    public Task<string?> FindObstacleAsync() => _work.FindObstacleAsync(Record, RolloutPlan.Read(Record.Plan), TestContext.Current.CancellationToken);

    private async Task<StepResult> RunUntilAsync(Func<ActionRecord, bool> isReached)
    {
        for (var step = 0; step < MaxSteps; step++)
        {
            var result = await StepAsync();
            if (result is not (Continue or Retry) || isReached(Record))
            {
                return result;
            }
        }

        throw new InvalidOperationException($"The roll-out is in stage {Record.Stage} after {MaxSteps} steps: {Record.Detail}");
    }
}
