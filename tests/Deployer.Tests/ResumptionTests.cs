using System.Reflection;

using Microsoft.Extensions.DependencyInjection;

using MLEvents.Deployer.Steps;
using MLEvents.Deployer.Traffic;
using MLEvents.Events;
using MLEvents.Rules;
using MLEvents.Rules.Rollouts;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>
/// Stops the deployer at each stage of a roll-out, once before and once after the work of the step, and starts another replica that continues. The test reads the stages from the code,
/// so it covers a new stage too. The scenario is the canary unless <see cref="ScenarioOf"/> names another one for the stage.
/// </summary>
[Trait("speed", "slow")]
public sealed class ResumptionTests : IAsyncLifetime
{
    private const string Header = """
        deployments:
          - name: rollout
            model: { name: churn }
            deploy:
              endpoint: churn-scoring
              location: westeurope
              autoscale: { min: 1, max: 3, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1 }] }

        """;

    private const string Canary = Header + """
            strategy:
              mirror: 10
              steps: [10, 50, 100]
              bake: 100ms
              verify: { request: { input: [1] } }
              failedDeployment: delete
              keep: 0

        """;

    private const string Watched = Header + """
            strategy:
              steps: [10, 50, 100]
              bake: 100ms
              metrics: [{ name: RequestErrors, maxPercent: 1, minRequests: 5 }]
              failedDeployment: delete

        """;

    private readonly StepGate _gate = new();
    private readonly RolloutFixture _rollouts;

    // The gate can hold a step in the handler of a message or of an operator's request. The short Ledger:HandlerBudget lets the handler answer while the step is held.
    public ResumptionTests()
    {
        _rollouts = new(Canary, ("Ledger:Drain", "00:00:00"), ("Ledger:Lease", "00:00:05"), ("Ledger:HandlerBudget", "00:00:00.200")) { Configure = _gate.AddTo };
    }

    private enum Scenario
    {
        /// <summary>The second version gets the traffic step by step.</summary>
        Canary,

        /// <summary>The first version is rolled out, and its endpoint is created.</summary>
        First,

        /// <summary>The second version fails at 50 percent of the traffic.</summary>
        BadModel,

        /// <summary>The second version gets all traffic in one step, without a strategy.</summary>
        OneStep,

        /// <summary>An operator rolls the endpoint back to the first version.</summary>
        Rollback,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _rollouts.Azure;

    public ValueTask InitializeAsync() => _rollouts.StartAsync();

    public ValueTask DisposeAsync() => _rollouts.DisposeAsync();

    public static TheoryData<string> AllStages() => [.. ConstantStages().Concat(TrafficStages()).Prepend("")];

    [Theory]
    [MemberData(nameof(AllStages))]
    public async Task Another_replica_finishes_the_roll_out_as_the_rule_says(string stage)
    {
        var scenario = ScenarioOf(stage);
        var earlier = await PrepareAsync(scenario);
        var before = _gate.HoldAt(stage, isAfter: false);
        var find = await BeginAsync(scenario);

        await StopAtAsync(before, stage);
        var after = _gate.HoldAt(stage, isAfter: true);
        await StartAsync();
        await StopAtAsync(after, stage);
        _gate.Open();
        await StartAsync();

        await CheckAsync(scenario, earlier, await _rollouts.Deployer.Activity.FirstAsync(action => find(action) && action.Status is "succeeded" or "failed" or "skipped", Token));
    }

    private static IEnumerable<string> ConstantStages() => typeof(Stages).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field is { IsLiteral: true }).Select(field => (string?)field.GetRawConstantValue()).OfType<string>();

    // The stages of all traffic steps in the canary strategy.
    private static IEnumerable<string> TrafficStages()
    {
        var strategy = new RolloutStrategy { Mirror = 10, Steps = [new(10, TimeSpan.Zero), new(50, TimeSpan.Zero), new(100, TimeSpan.Zero)] };
        return TrafficSchedule.Create(strategy, new Dictionary<string, int> { ["earlier"] = 100 }, "new").SelectMany(level => new[] { Stages.Move(level), Stages.Watch(level) });
    }

    private static Scenario ScenarioOf(string stage) => stage switch
    {
        Stages.EndpointCreating => Scenario.First,
        Stages.TrafficMoving => Scenario.OneStep,
        Stages.TrafficRestoring or Stages.DeploymentRemoving => Scenario.BadModel,
        Stages.RollingBack => Scenario.Rollback,
        _ => Scenario.Canary,
    };

    private async Task<IReadOnlyList<ActionChanged>> PrepareAsync(Scenario scenario)
    {
        if (scenario == Scenario.BadModel)
        {
            await UseAsync(Watched);
            await Azure.SimulateAsync("traffic", """{ "endpoint": "churn-scoring", "requestsPerMinute": 12000 }""", Token);
            await Azure.SimulateAsync("scoring", """{ "target": "churn:2", "failureRate": 1, "fromTraffic": 50 }""", Token);
        }
        else if (scenario is Scenario.OneStep or Scenario.Rollback)
        {
            await UseAsync(Header);
        }

        var versions = scenario switch { Scenario.First => 0, Scenario.Rollback => 2, _ => 1 };
        var earlier = new List<ActionChanged>();
        for (var version = 1; version <= versions; version++)
        {
            earlier.Add(await _rollouts.RollOutAsync($"{version}"));
        }

        Assert.All(earlier, action => Assert.Equal("succeeded", action.Status));
        return earlier;
    }

    private async Task UseAsync(string rules)
    {
        var source = _rollouts.Deployer.Service.Services.GetRequiredService<RuleSource<DeploymentRule>>();
        var version = source.Current.Version;
        _rollouts.WriteRules(rules);
        await Poll.UntilAsync(() => source.Current.Version != version, Token);
    }

    private async Task<Func<ActionChanged, bool>> BeginAsync(Scenario scenario)
    {
        if (scenario == Scenario.Rollback)
        {
            var (_, started) = await _rollouts.Deployer.Service.AskAsync(HttpMethod.Post, $"/deployments/rollback?endpoint=churn-scoring&workspace={SampleEvents.Workspace}", Token);
            var id = started.GetProperty("id").GetString();
            return action => action.ActionId == id;
        }

        var registered = await _rollouts.RegisterAsync(scenario == Scenario.First ? "1" : "2");
        return action => action.Event.Id == registered.Id;
    }

    // The service is stopped while its step is held. The result of the step is lost, as in a crash.
    private async Task StopAtAsync(Task reached, string stage)
    {
        try
        {
            await reached.WaitAsync(TimeSpan.FromMinutes(3), TimeProvider.System, Token);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"No step of stage '{stage}' was executed. Add the scenario that reaches it to {nameof(ScenarioOf)}.");
        }

        await _rollouts.Deployer.StopServiceAsync();
        await _rollouts.Deployer.StopSidecarAsync();
    }

    private async Task StartAsync()
    {
        await _rollouts.Deployer.StartServiceAsync(Token);
        await _rollouts.Deployer.StartSidecarAsync(Token);
    }

    private async Task CheckAsync(Scenario scenario, IReadOnlyList<ActionChanged> earlier, ActionChanged end)
    {
        var created = $"m{earlier.Count + 1}-{end.ActionId[..8]}";
        var names = earlier.Select((action, index) => $"m{index + 1}-{action.ActionId[..8]}").ToList();
        var changes = await Azure.EndpointChangesAsync(Token);
        var deployments = scenario switch
        {
            Scenario.Canary or Scenario.First => [created],
            Scenario.OneStep => [.. names, created],
            _ => names,
        };

        Assert.Equal(scenario == Scenario.BadModel ? "failed" : "succeeded", end.Status);
        Assert.Equal(deployments, await _rollouts.DeploymentsAsync());
        Assert.Equal(scenario == Scenario.Rollback ? names : [.. names, created], changes.Where(change => change.Kind == "created").Select(change => change.Deployment));
        Assert.Equal(Traffic(scenario, names, created), changes.Where(change => change.Kind == "traffic").Select(change => TrafficSchedule.Describe(change.Traffic)).Where(traffic => traffic != "no traffic"));
        Assert.Equal(deployments.Order(), (await Azure.ListAsync("autoscaleSettings", Token)).Select(setting => $"{setting["properties"]?["targetResourceUri"]}".Split('/')[^1]).Order());
    }

    // The expected changes of the traffic, in order. A repeated step must not make a change again.
    private static IEnumerable<string> Traffic(Scenario scenario, List<string> earlier, string created)
    {
        string Shares(int share) => TrafficSchedule.Describe(new Dictionary<string, int> { [earlier[0]] = 100 - share, [created] = share });
        return scenario switch
        {
            Scenario.First => [$"{created} 100%"],
            Scenario.OneStep => [Shares(0), Shares(100)],
            Scenario.BadModel => [Shares(0), Shares(10), Shares(50), Shares(0)],
            Scenario.Rollback => [$"{earlier[0]} 100%", $"{earlier[1]} 100%", $"{earlier[0]} 100%"],
            _ => [Shares(0), Shares(10), Shares(50), Shares(100)],
        };
    }
}
