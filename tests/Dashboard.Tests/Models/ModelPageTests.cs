using MLEvents.Dashboard.Tests.Operating;
using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Models;

/// <summary>The page of a model: its current deployments, its roll-outs and its roll-backs.</summary>
public sealed class ModelPageTests : IAsyncLifetime
{
    private const string Rollout = "aa112233445566778801";
    private const string Restored = "aa112233445566778802";
    private const string Retirement = "aa112233445566778803";
    private const string ByHand = "aa112233445566778804";
    private const string Rollback = "aa112233445566778805";
    private const string Restoring = "aa112233445566778806";
    private const string ChangedOutside = "aa112233445566778807";
    private static readonly string Workspace = Uri.EscapeDataString(SampleEvents.Workspace);

    private readonly FakeService _deployer = new();
    private readonly DashboardFixture _dashboard = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _deployer.StartAsync(Token);
        _dashboard.Fixture.Settings["Dashboard:Services:deployer"] = _deployer.Address;
        await _dashboard.StartAsync(Token);
        var second = SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "2"}""", "models/churn:2", "model-2", "2026-11-02T10:00:00Z");
        var third = SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "3"}""", "models/churn:3", "model-3", "2026-11-03T10:00:00Z");
        await _dashboard.PublishAsync(second, Token);
        await _dashboard.PublishAsync(third, Token);

        // This event is about an older version and arrives last.
        await _dashboard.PublishAsync(SampleEvents.Create("ModelDeployed", """{"serviceName": "churn-scoring", "modelIds": "churn:2,other:1"}""", "endpoints/churn-scoring", "deployed-2", "2026-11-04T10:00:00Z"), Token);
        await ChangeAsync(Restoring, second, "running", "traffic-restoring", "the traffic is being restored");
        await ChangeAsync(Rollout, second, "succeeded", "bake-100", "churn:2 has 100%");
        await ChangeAsync(Restored, third, "running", "traffic-restoring", "too many errors");
        await ChangeAsync(Restored, third, "failed", "deployment-removing", "Azure confirmed that the traffic of churn-scoring is as before: blue 100%. too many errors\ndeployment m3 is deleted");
        await ChangeAsync(ChangedOutside, second, "running", "traffic-restoring", "too many errors");
        await ChangeAsync(ChangedOutside, second, "failed", "traffic-restoring", "endpoint churn-scoring was deleted; there is no traffic to restore. too many errors");
        await ChangeAsync(Retirement, third, "succeeded", "retiring", "m1 was deleted");
        await ChangeAsync(ByHand, Requested(EventTypes.RolloutRequested, "models/churn:1"), "succeeded", "bake-100", "churn:1 has 100%");
        await ChangeAsync(Rollback, Requested(EventTypes.RollbackRequested, "endpoints/churn-scoring"), "succeeded", "rolling-back", "confirmed", "rollback");
        await _dashboard.UntilAsync($"/actions/{Rollback}", _ => true, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _dashboard.DisposeAsync();
        await _deployer.DisposeAsync();
    }

    [Fact]
    public async Task The_page_shows_where_the_model_is_deployed_now_and_what_was_rolled_out_and_back()
    {
        _deployer.Answers[$"GET /actions/{Rollout}"] = (200, $$$"""{"plan": {"workspaceId": "{{{SampleEvents.Workspace}}}", "endpoint": "churn-batch"}}""");
        _deployer.Answers[$"GET /deployments?endpoint=churn-scoring&workspace={Workspace}"] = (200, """{"deployments": [{"name": "blue", "model": "churn", "version": "2", "traffic": 90, "mirror": 0, "state": "Succeeded"}, {"name": "green", "model": "churn", "version": "3", "traffic": 10, "mirror": 0, "state": "Succeeded"}, {"name": "black", "model": "other", "version": "77", "traffic": 0, "mirror": 0, "state": "Succeeded"}]}""");
        _deployer.Answers[$"GET /deployments?endpoint=churn-batch&workspace={Workspace}"] = (503, """{"title": "Azure did not answer as expected.", "detail": "429 TooManyRequests"}""");

        var page = await _dashboard.ReadAsync("/model?name=churn", Token);

        Assert.All(
            [
                "churn-scoring in ml-local", "90 %", "10 %", "churn-batch in ml-local", "Not known: deployer answered 503: Azure did not answer as expected. 429 TooManyRequests",
                "The latest successful roll-out or roll-back in the history", "roll-out of version 2", "roll-out of version 3", "traffic restored", "roll-out of version 1", "roll-back of endpoints/churn-scoring",
            ],
            text => Assert.Contains(text, page, StringComparison.Ordinal));
        var table = page[page.IndexOf("Roll-outs and roll-backs", StringComparison.Ordinal)..page.IndexOf("<section>", StringComparison.Ordinal)];
        Assert.DoesNotContain(Retirement[..8] + "\">", table, StringComparison.Ordinal);
        Assert.DoesNotContain("m1 was deleted", table, StringComparison.Ordinal);
        Assert.Equal(table.IndexOf("traffic restored", StringComparison.Ordinal), table.LastIndexOf("traffic restored", StringComparison.Ordinal));
        Assert.DoesNotContain(">77<", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("Version 3", StringComparison.Ordinal) < page.IndexOf("Version 2", StringComparison.Ordinal), "The version that was registered last comes first.");
    }

    [Fact]
    public async Task The_page_of_a_model_without_metrics_says_that_no_version_has_a_metric()
    {
        var page = await _dashboard.ReadAsync("/model?name=churn", Token);

        Assert.Contains("Not known. No version has a metric, and no drift led to a version.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_of_models_shows_what_the_deployer_did_last()
    {
        var page = await _dashboard.ReadAsync("/models", Token);

        Assert.Contains("Latest action of the deployer", page, StringComparison.Ordinal);
        Assert.Contains("m1 was deleted", page, StringComparison.Ordinal);
    }

    private static WorkflowEvent Requested(string type, string subject) => SampleEvents.Create(type, "{}", subject);

    private Task ChangeAsync(string action, WorkflowEvent cause, string status, string stage, string detail, string rule = "churn-rollout") =>
        _dashboard.ChangeAsync(action, status, cause, Token, detail, service: "deployer", rule: rule, stage: stage);
}
