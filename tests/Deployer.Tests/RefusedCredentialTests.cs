using System.Net.Http.Json;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>Roll-outs with an identity that Azure refuses. All of them wait, and only one at a time calls Azure. All continue when Azure accepts the identity.</summary>
public sealed class RefusedCredentialTests
{
    private const int Events = 20;

    private const string Rules = """
        deployments:
          - name: rollout
            when: { includedEventTypes: [ModelRegistered] }
            deploy: { endpoint: "{{ model.name }}", location: westeurope, autoscale: { min: 1, max: 2, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1 }] } }

        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ModelVersions_Get", 401, "AzureML Data Scientist")]
    [InlineData("ModelVersions_Get", 403, "AzureML Data Scientist")]
    [InlineData("OnlineEndpoints_CreateOrUpdate", 403, "AzureML Data Scientist")]
    [InlineData("OnlineDeployments_CreateOrUpdate", 403, "AzureML Data Scientist")]
    [InlineData("AutoscaleSettings_CreateOrUpdate", 403, "Monitoring Contributor")]
    public async Task Waiting_roll_outs_make_one_refused_call_in_each_interval_and_continue_when_the_identity_is_accepted(string operation, int status, string role)
    {
        await using var rollouts = new RolloutFixture(Rules, ("Ledger:CredentialInterval", Interval.ToString("c")));
        await rollouts.StartAsync();
        rollouts.Deployer.Service.Expected = log => log.Message.Contains("is refused", StringComparison.Ordinal);
        await rollouts.Azure.FaultAsync($$"""{ "operation": "{{operation}}", "kind": "status", "status": {{status}}, "count": 10000 }""", Token);

        await RegisterAsync(rollouts, 0);
        await WaitingAsync(rollouts, 1);
        var (began, before) = (TimeProvider.System.GetTimestamp(), await rollouts.Azure.CallsAsync(operation, Token));
        for (var number = 1; number <= Events; number++)
        {
            await RegisterAsync(rollouts, number);
        }

        var waiting = await WaitingAsync(rollouts, Events + 1);
        var calls = await rollouts.Azure.CallsAsync(operation, Token) - before;
        var most = Math.Ceiling(TimeProvider.System.GetElapsedTime(began) / (Interval * 0.8));
        await rollouts.Azure.EndFaultsAsync(Token);
        var ends = await rollouts.Deployer.Activity.AtLeastAsync(Events + 1, action => action.Status is "succeeded" or "failed" or "skipped", Token);
        var health = await rollouts.Deployer.Service.Client.GetFromJsonAsync<JsonElement>(new Uri("health", UriKind.Relative), Token);

        Assert.True(calls <= most, $"{calls} refused calls for {Events} actions within {most} intervals");
        Assert.All(waiting, action => Assert.Contains(role, action.Detail, StringComparison.Ordinal));
        Assert.All(ends, end => Assert.Equal(("succeeded", 1), (end.Status, end.Attempt)));
        Assert.Equal(Events + 1, (await rollouts.DeploymentsAsync()).Count());
        Assert.Equal("Healthy", health.GetProperty("checks").GetProperty("credentials").GetProperty("status").GetString());
    }

    private static Task<IReadOnlyList<ActionChanged>> WaitingAsync(RolloutFixture rollouts, int count) =>
        rollouts.Deployer.Activity.AtLeastAsync(count, action => action.Status == "waiting", Token);

    private static async Task RegisterAsync(RolloutFixture rollouts, int number)
    {
        await rollouts.Azure.RegisterAsync($"churn-{number}", "1", Token);
        await rollouts.Deployer.PublishAsync(SampleEvents.Create("ModelRegistered", $$"""{ "ModelName": "churn-{{number}}", "ModelVersion": 1 }""", $"models/churn-{number}:1"), Token);
    }
}
