using System.Net;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>Tests the workspaces that the setting <c>Simulator:FurtherWorkspaces</c> adds. These workspaces raise no events.</summary>
public sealed class FurtherWorkspacesTests
{
    private const string Production = RunningSimulator.Group + "/providers/Microsoft.MachineLearningServices/workspaces/ml-production";
    private const string Model = """{ "properties": { "modelType": "mlflow_model", "modelUri": "azureml://m" } }""";
    private const string Endpoint = """{ "location": "westeurope", "properties": { "authMode": "Key" } }""";

    [Fact]
    public async Task Models_and_endpoints_belong_to_their_workspace()
    {
        await using var simulator = await RunningSimulator.StartAsync(("FurtherWorkspaces", "ml-production"));
        (await simulator.PutAsync($"{Production}/models/churn/versions/1", Model)).EnsureSuccessStatusCode().Dispose();
        (await simulator.PutAsync($"{Production}/onlineEndpoints/churn", Endpoint)).EnsureSuccessStatusCode().Dispose();

        var endpoint = await simulator.UntilAsync($"{Production}/onlineEndpoints/churn", found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        using var model = await simulator.GetAsync($"{RunningSimulator.Workspace}/models/churn/versions/1");
        using var other = await simulator.GetAsync($"{RunningSimulator.Workspace}/onlineEndpoints/churn");
        using var taken = await simulator.PutAsync($"{RunningSimulator.Workspace}/onlineEndpoints/churn", Endpoint);

        Assert.Equal($"{Production}/onlineEndpoints/churn", (string?)endpoint["id"]);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (model.StatusCode, other.StatusCode, taken.StatusCode));
        Assert.Contains("is already used in region westeurope", (await taken.JsonAsync()).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_and_models_of_all_workspaces_are_counted()
    {
        await using var simulator = await RunningSimulator.StartAsync(("FurtherWorkspaces", "ml-production"));
        const string job = """{ "properties": { "jobType": "Command", "command": "x", "environmentId": "azureml:e:1", "tags": { "mlevents.action": "one" } } }""";
        foreach (var workspace in (string[])[RunningSimulator.Workspace, Production])
        {
            (await simulator.PutAsync($"{workspace}/jobs/train-1", job)).EnsureSuccessStatusCode().Dispose();
            (await simulator.PutAsync($"{workspace}/models/churn/versions/1", Model)).EnsureSuccessStatusCode().Dispose();
        }

        var counts = await simulator.ReadAsync("/counts");

        Assert.Equal((2, 2), ((int?)counts["jobs"], (int?)counts["models"]));
        Assert.Equal("""[{"action":"one","names":["train-1","train-1"]}]""", counts["jobsByAction"]?.ToJsonString());
    }

    [Fact]
    public async Task The_links_of_a_job_name_its_workspace()
    {
        await using var simulator = await RunningSimulator.StartAsync(("FurtherWorkspaces", "ml-production"));
        const string job = """{ "properties": { "jobType": "Command", "command": "x", "environmentId": "azureml:e:1" } }""";
        (await simulator.PutAsync($"{Production}/jobs/train-1", job)).EnsureSuccessStatusCode().Dispose();

        var services = (await simulator.ReadAsync($"{Production}/jobs/train-1"))["properties"]?["services"];

        Assert.EndsWith("/workspaces/ml-production", (string?)services?["Studio"]?["endpoint"], StringComparison.Ordinal);
        Assert.EndsWith("/workspaces/ml-production?", (string?)services?["Tracking"]?["endpoint"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_that_the_settings_do_not_name_does_not_exist()
    {
        await using var simulator = await RunningSimulator.StartAsync();

        using var answer = await simulator.GetAsync($"{Production}/onlineEndpoints");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_tracking_server_requires_a_token_and_returns_only_the_runs_of_its_workspace()
    {
        await using var simulator = await RunningSimulator.StartAsync(("FurtherWorkspaces", "ml-production"));
        const string job = """{ "properties": { "jobType": "Command", "command": "x", "environmentId": "azureml:e:1", "properties": { "simulator.runMetrics.auc": "0.9" } } }""";
        (await simulator.PutAsync($"{Production}/jobs/train-1", job)).EnsureSuccessStatusCode().Dispose();

        using var own = await simulator.GetAsync($"/mlflow/v1.0{Production}/api/2.0/mlflow/runs/get?run_id=train-1");
        using var other = await simulator.GetAsync($"/mlflow/v1.0{RunningSimulator.Workspace}/api/2.0/mlflow/runs/get?run_id=train-1");
        simulator.Client.DefaultRequestHeaders.Authorization = null;
        using var anonymous = await simulator.GetAsync($"/mlflow/v1.0{Production}/api/2.0/mlflow/runs/get?run_id=train-1");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Unauthorized), (own.StatusCode, other.StatusCode, anonymous.StatusCode));
        Assert.Equal(0.9, (double?)(await own.JsonAsync())["run"]?["data"]?["metrics"]?[0]?["value"]);
    }
}
