using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML;
using MLEvents.AzureML.Jobs;
using MLEvents.AzureSteps;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Retrainer.BatchEndpoints;
using MLEvents.Retrainer.DataFactory;
using MLEvents.Retrainer.Jobs;
using MLEvents.Retrainer.Monitors;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Retrainer.Tests;

/// <summary>Rules, records and the executor under test.</summary>
internal static class TestData
{
    public const string Job = """
        jobType: Pipeline
        experimentName: churn
        tags: { purpose: retraining }
        inputs:
          target: { jobInputType: literal, value: latest }
          seed: { jobInputType: literal, value: "7" }
        """;

    public const string Pipeline = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.DataFactory/factories/adf-local/pipelines/retrain";

    public static DateTimeOffset Now { get; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public static WorkflowEvent Drift(string data = """{ "driftCoefficient": 0.6, "targetDatasetId": "ds-1" }""") => SampleEvents.Create("DatasetDriftDetected", data, id: "drift-1");

    /// <summary>Creates a rule. <paramref name="run"/> is the YAML below the key <c>run</c>, with an indentation of six spaces.</summary>
    public static RetrainingRule Rule(string run)
    {
        using var folder = new TempFolder();
        folder.Write("jobs/train.yaml", Job);
        var file = folder.Write("retraining.yaml", $$"""
            retraining:
              - name: train
                when: { includedEventTypes: [DatasetDriftDetected] }
                run:
            {{run}}
            """);
        return RuleLoader.LoadRetraining(file).Rules.Single();
    }

    /// <summary>Creates a planner whose rule file has no rules. The tests pass the rule to <see cref="RetrainingPlanner.CreateRequest"/>.</summary>
    public static RetrainingPlanner Planner()
    {
        using var folder = new TempFolder();
        folder.Write("retraining.yaml", "retraining: []\n");
        var rules = new RuleSource<RetrainingRule>(Options.Create(new RulesOptions { Directory = folder.Path }), TimeProvider.System, NullLogger<RuleSource<RetrainingRule>>.Instance);
        return new RetrainingPlanner(rules, Monitors(new FakeJobs()), Options.Create(new StudioOptions()), NullLogger<RetrainingPlanner>.Instance);
    }

    public static MonitorJobs Monitors(IJobs jobs, TimeProvider? time = null, RetrainerOptions? options = null) =>
        new(jobs, Options.Create(options ?? new RetrainerOptions()), time ?? new FakeTimeProvider(Now), NullLogger<MonitorJobs>.Instance);

    public static ActionRecord Record(RetrainingPlan plan, string stage = "", int attempt = 1)
    {
        var drift = Drift();
        return new ActionRecord
        {
            Id = ActionRecord.IdOf("retrainer", "train", drift),
            Service = "retrainer",
            Rule = "train",
            CorrelationId = "chain-1",
            Event = drift.Envelope,
            Plan = plan.ToJson(),
            Stage = stage,
            Attempt = attempt,
            CreatedAt = Now,
        };
    }

    /// <summary>Returns the record after a step, as the ledger stores it.</summary>
    public static ActionRecord After(ActionRecord record, StepResult result) => record with
    {
        Stage = Assert.IsType<Continue>(result).Stage,
        State = record.State.Concat(result.State).GroupBy(entry => entry.Key).ToDictionary(entries => entries.Key, entries => entries.Last().Value),
        Plan = JsonSerializer.SerializeToElement(record.Plan),
    };

    public static Retraining Executor(FakeJobs? jobs = null, FakePipelines? pipelines = null, TimeProvider? time = null, FakeBatchEndpoints? endpoints = null, FakeChains? chains = null)
    {
        var clock = time ?? new FakeTimeProvider(Now);
        var (azure, options) = (Options.Create(new AzureMLOptions()), Options.Create(new RetrainerOptions()));
        var (attempts, factory) = (new RunAttempts(options, clock), pipelines ?? new FakePipelines());
        var (all, studio) = (jobs ?? new FakeJobs(), Options.Create(new StudioOptions()));
        var follower = new JobFollower(all, attempts, options);
        return new Retraining(
            new JobSteps(all, follower, chains ?? new FakeChains(), attempts, studio, options),
            new FactorySteps(factory, new FactoryRuns(factory, clock), attempts, azure, options, clock),
            new BatchSteps(endpoints ?? new FakeBatchEndpoints(all), all, new BatchJobs(all), follower, chains ?? new FakeChains(), attempts, studio, options, clock),
            new AzureStep(NullLogger<AzureStep>.Instance));
    }

    /// <summary>Takes a step with the plan of the record, as the ledger does.</summary>
    public static Task<StepResult> StepAsync(this Retraining executor, ActionRecord record, CancellationToken cancellationToken) => executor.StepAsync(record, RetrainingPlan.Read(record.Plan), cancellationToken);
}
