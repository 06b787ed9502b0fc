using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Scaling;

namespace MLEvents.AzureML.Tests;

/// <summary>Autoscale settings of deployments: the requests, and the name and the scope of a setting.</summary>
public sealed class AutoscaleSettingsTests
{
    private const string Group = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/test-rg";

    private static readonly AutoscaleSpec Spec = new(
        "westeurope", 1, 5, 2,
        [new("CpuUtilizationPercentage", 70, 1, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(7)), new("RequestsPerMinute", 30.5, -2, TimeSpan.FromHours(1), TimeSpan.FromDays(1))],
        new Dictionary<string, string> { ["rule"] = "r" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_setting_is_written_with_its_deployment_as_target_and_instance_counts_as_strings()
    {
        var path = await PathOfAsync(AzureClient.Workspace);
        await using var arm = await FakeArm.StartAsync();
        arm.On("PUT", path, new FakeAnswer(201, "{}"));
        using var azure = AzureClient.For(arm);

        await azure.Autoscale.SetAsync(AzureClient.Workspace, "churn", "blue", Spec, Token);

        var call = Assert.Single(arm.Calls);
        var deployment = $"{AzureClient.Workspace}/onlineEndpoints/churn/deployments/blue";
        Assert.Equal("?api-version=2022-10-01", call.Query);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""
            {
              "location": "westeurope", "tags": { "rule": "r" },
              "properties": {
                "enabled": true, "targetResourceUri": "{{deployment}}", "targetResourceLocation": "westeurope",
                "profiles": [{
                  "name": "default", "capacity": { "minimum": "1", "maximum": "5", "default": "2" },
                  "rules": [
                    {
                      "metricTrigger": { "metricName": "CpuUtilizationPercentage", "metricResourceUri": "{{deployment}}", "timeGrain": "PT1M", "statistic": "Average", "timeWindow": "PT5M",
                        "timeAggregation": "Average", "operator": "GreaterThan", "threshold": 70 },
                      "scaleAction": { "direction": "Increase", "type": "ChangeCount", "value": "1", "cooldown": "PT7M" }
                    },
                    {
                      "metricTrigger": { "metricName": "RequestsPerMinute", "metricResourceUri": "{{deployment}}", "timeGrain": "PT1M", "statistic": "Average", "timeWindow": "PT1H",
                        "timeAggregation": "Average", "operator": "LessThan", "threshold": 30.5 },
                      "scaleAction": { "direction": "Decrease", "type": "ChangeCount", "value": "2", "cooldown": "P1D" }
                    }
                  ]
                }]
              }
            }
            """), call.Json), call.Body);
    }

    [Fact]
    public async Task The_name_is_stable_and_differs_for_each_deployment_of_the_resource_group()
    {
        var first = await PathOfAsync(AzureClient.Workspace);
        var again = await PathOfAsync(new($"{AzureClient.Workspace}".ToUpperInvariant().Replace("/SUBSCRIPTIONS/", "/subscriptions/", StringComparison.Ordinal)));
        var other = await PathOfAsync(new($"{AzureClient.Workspace}-2"));
        var confusable = await PathOfAsync(AzureClient.Workspace, "churn-blue", "a");

        Assert.StartsWith($"{Group}/providers/Microsoft.Insights/autoscaleSettings/churn-blue-", first, StringComparison.Ordinal);
        Assert.Equal(first, again, ignoreCase: true);
        Assert.NotEqual(first, other);
        Assert.NotEqual(await PathOfAsync(AzureClient.Workspace, "churn", "blue-a"), confusable);
    }

    [Fact]
    public async Task A_workspace_that_the_settings_do_not_allow_is_refused_before_any_call()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm, null, ("Workspaces:0", $"{AzureClient.Workspace}-2"));

        Task[] calls =
        [
            azure.Autoscale.SetAsync(AzureClient.Workspace, "churn", "blue", Spec, Token),
            azure.Autoscale.FindAsync(AzureClient.Workspace, "churn", "blue", Token),
            azure.Autoscale.DeleteAsync(AzureClient.Workspace, "churn", "blue", Token),
        ];

        foreach (var call in calls)
        {
            Assert.Equal(AzureException.NotAllowedCode, (await Assert.ThrowsAsync<AzureException>(() => call)).Code);
        }

        Assert.Empty(arm.Calls);
    }

    [Fact]
    public async Task A_refusal_names_the_role()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("PUT", await PathOfAsync(AzureClient.Workspace), FakeAnswer.Error(403, "AuthorizationFailed"));
        using var azure = AzureClient.For(arm);

        var exception = await Assert.ThrowsAsync<AzureException>(() => azure.Autoscale.SetAsync(AzureClient.Workspace, "churn", "blue", Spec, Token));

        Assert.True(exception.IsCredentialRefused);
        Assert.Contains("'Monitoring Contributor' on the resource group", exception.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_is_written_read_and_deleted_in_the_simulator()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var client = azure.Client;
        await azure.Simulator.SimulateAsync("model", new JsonObject { ["name"] = "churn" }, Token);
        await client.Endpoints.BeginCreateOrUpdateAsync(SimulatorFixture.Workspace, "churn", new OnlineEndpointSpec("westeurope"), Token);
        await SimulatorFixture.UntilAsync(() => client.Endpoints.GetAsync(SimulatorFixture.Workspace, "churn", Token), found => ProvisioningState.IsSucceeded(found.ProvisioningState));
        await client.Deployments.BeginCreateOrUpdateAsync(SimulatorFixture.Workspace, "churn", "blue", new($"{SimulatorFixture.Workspace}/models/churn/versions/1", "Standard_DS3_v2", 1, "westeurope"), Token);

        await client.Autoscale.SetAsync(SimulatorFixture.Workspace, "churn", "blue", Spec, Token);
        await client.Autoscale.SetAsync(SimulatorFixture.Workspace, "churn", "blue", Spec, Token);
        var written = await client.Autoscale.FindAsync(SimulatorFixture.Workspace, "churn", "blue", Token);
        var stored = Assert.Single(await azure.Simulator.ListAsync("autoscaleSettings", Token));
        await client.Autoscale.DeleteAsync(SimulatorFixture.Workspace, "churn", "blue", Token);
        await client.Autoscale.DeleteAsync(SimulatorFixture.Workspace, "churn", "blue", Token);

        Assert.Equal("r", written?.Tags["rule"]);
        Assert.Equal($"{SimulatorFixture.Workspace}/onlineEndpoints/churn/deployments/blue", (string?)stored["properties"]?["targetResourceUri"]);
        Assert.Null(await client.Autoscale.FindAsync(SimulatorFixture.Workspace, "churn", "blue", Token));
    }

    private static async Task<string> PathOfAsync(ResourceIdentifier workspace, string endpoint = "churn", string deployment = "blue")
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);
        await azure.Autoscale.FindAsync(workspace, endpoint, deployment, Token);
        return Assert.Single(arm.Calls).Path;
    }
}
