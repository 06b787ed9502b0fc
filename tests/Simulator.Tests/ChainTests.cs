using System.Net;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class ChainTests
{
    [Fact]
    public async Task Every_event_from_drift_to_deployment_is_delivered()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);

        await simulator.PostAsync("/simulate/drift", """{"monitor":"churn-drift","coefficient":0.8}""");
        await simulator.PutAsync(Workspace + "/jobs/retrain-1", Bodies.Job);
        var model = await simulator.UntilAsync(Workspace + "/models/churn/versions", list => list["value"]?.AsArray().Count == 1);
        await simulator.PutAsync(Workspace + "/onlineEndpoints/churn", Bodies.Endpoint);
        await simulator.PutAsync(Workspace + "/onlineEndpoints/churn/deployments/blue", Bodies.Deployment());
        await simulator.UntilAsync(Workspace + "/onlineEndpoints/churn", found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await simulator.UntilAsync(Workspace + "/onlineEndpoints/churn/deployments/blue", found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        var put = await simulator.PutAsync(Workspace + "/onlineEndpoints/churn", Bodies.Traffic("""{"blue":100}"""));
        await webhook.UntilAsync(events => events.Exists(found => found.Type == "ModelDeployed"));

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal("{}", model["value"]?[0]?["properties"]?["tags"]?.ToJsonString());
        Assert.Empty(webhook.Events.First(found => found.Type == "ModelRegistered").Body["data"]?["modelTags"]?.AsObject() ?? []);
        Assert.Equal("retrain-1", (string?)model["value"]?[0]?["properties"]?["jobName"]);
        var types = webhook.Events.Select(found => found.Type).ToHashSet();
        Assert.Superset(new HashSet<string> { "DatasetDriftDetected", "RunStatusChanged", "RunCompleted", "ModelRegistered", "ModelDeployed" }, types);
        var deployed = webhook.Events.Single(found => found.Type == "ModelDeployed").Body;
        Assert.Equal("churn:1", (string?)deployed["data"]?["modelIds"]);
        Assert.Equal("c-1", (string?)deployed["data"]?["serviceTags"]?["mlevents.correlation"]);
    }

    [Fact]
    public async Task A_monitor_breach_creates_a_failed_run_whose_tags_name_the_signal()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator, """
            ,"filter":{"advancedFilters":[{"operatorType":"StringContains","key":"data.RunTags.azureml_modelmonitor_threshold_breached","values":["has failed due to one or more features violating metric thresholds"]}]}
            """);

        using var response = await simulator.PostAsync("/simulate/monitor-breach", """{"monitor":"churn-monitor","signal":"drift"}""");
        await webhook.UntilAsync(events => events.Count > 0);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var data = webhook.Events[0].Body["data"];
        Assert.Equal("Failed", (string?)data?["runStatus"]);
        Assert.Equal(
            "The signal 'churn-monitor_drift' has failed due to one or more features violating metric thresholds.\n"
            + "The feature names and their corresponding computed metric values violating the threshold are \n"
            + """['{"group":"age","metric_value":0.27,"metric_name":"normalized_wasserstein_distance","threshold_value":0.1}']""" + "\n",
            (string?)data?["runTags"]?["azureml_modelmonitor_threshold_breached"]);
    }
}
