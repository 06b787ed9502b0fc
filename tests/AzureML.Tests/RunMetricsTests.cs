using System.Text.Json.Nodes;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Tracking;

namespace MLEvents.AzureML.Tests;

/// <summary>Metrics of runs from the MLflow tracking server of a workspace.</summary>
public sealed class RunMetricsTests
{
    private static readonly string Server = $"/mlflow/v1.0{AzureClient.Workspace}/api/2.0/mlflow/runs/get";
    private static readonly FakeAnswer Run = new(200, """
        { "run": { "info": { "run_id": "train-3" }, "data": { "metrics": [
          { "key": "auc", "value": 0.91, "timestamp": 1, "step": 0 }, { "key": "loss", "value": "NaN" }, { "value": 3 }, { "key": "f1", "value": 1e-3 } ] } } }
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tracking_server_that_the_workspace_names_is_asked_for_the_run_with_a_token()
    {
        await using var arm = await FakeArm.StartAsync();
        SetWorkspace(arm, $"azureml://{arm.Address.Authority}/mlflow/v1.0{AzureClient.Workspace}");
        arm.On("GET", Server, FakeAnswer.Error(503, "Busy"), Run);
        using var azure = AzureClient.For(arm);

        var metrics = await azure.RunMetrics.ReadAsync(AzureClient.Workspace, "train-3&x=1", Token);

        Assert.Equal(new Dictionary<string, double> { ["auc"] = 0.91, ["f1"] = 0.001 }, metrics);
        Assert.All(arm.Calls.Where(call => call.Path == Server), call => Assert.Equal(("?run_id=train-3%26x%3D1", "Bearer local-development-token"), (call.Query, call.Headers.Authorization.ToString())));
    }

    [Fact]
    public async Task A_run_that_does_not_exist_and_a_workspace_without_a_tracking_server_have_no_metrics()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);
        Assert.Null(await azure.RunMetrics.ReadAsync(AzureClient.Workspace, "train-3", Token));

        arm.On("GET", AzureClient.Workspace.ToString(), new FakeAnswer(200, """{ "properties": {} }"""));
        Assert.Null(await azure.RunMetrics.ReadAsync(AzureClient.Workspace, "train-3", Token));

        SetWorkspace(arm, $"azureml://{arm.Address.Authority}/mlflow/v1.0{AzureClient.Workspace}");
        Assert.Null(await azure.RunMetrics.ReadAsync(AzureClient.Workspace, "train-3", Token));
    }

    [Fact]
    public async Task A_refusal_names_the_role_to_grant()
    {
        await using var arm = await FakeArm.StartAsync();
        SetWorkspace(arm, $"azureml://{arm.Address.Authority}/mlflow/v1.0{AzureClient.Workspace}");
        arm.On("GET", Server, FakeAnswer.Error(403, "Forbidden"));
        using var azure = AzureClient.For(arm);

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.RunMetrics.ReadAsync(AzureClient.Workspace, "train-3", Token));

        Assert.Equal(("MlflowRuns_Get", 403, false), (refused.Operation, refused.Status, refused.IsTransient));
        Assert.Contains("AzureML Data Scientist", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("azureml://westeurope.api.azureml.ms/mlflow/v1.0{0}", "https://westeurope.api.azureml.ms/mlflow/v1.0{0}/api/2.0/mlflow/")]
    [InlineData("azureml://westeurope.api.azureml.ms/mlflow/v2.0{0}?", "https://westeurope.api.azureml.ms/mlflow/v2.0{0}/api/2.0/mlflow/")]
    [InlineData("https://westeurope.api.azureml.ms/mlflow/v1.0{0}/", "https://westeurope.api.azureml.ms/mlflow/v1.0{0}/api/2.0/mlflow/")]
    public void The_tracking_address_is_converted_to_the_address_of_the_rest_api(string tracking, string expected) =>
        Assert.Equal(string.Format(null, expected, AzureClient.Workspace), TrackingAddress.Check(new Uri(string.Format(null, tracking, AzureClient.Workspace)), AzureClient.Workspace, new AzureMLOptions(), "test").ToString());

    [Theory]
    [InlineData("azureml://attacker.example/mlflow/v1.0{0}")]
    [InlineData("azureml://westeurope.api.azureml.ms.attacker.example/mlflow/v1.0{0}")]
    [InlineData("azureml://user:pass@westeurope.api.azureml.ms/mlflow/v1.0{0}")]
    [InlineData("azureml://westeurope.api.azureml.ms:8443/mlflow/v1.0{0}")]
    [InlineData("azureml://westeurope.api.azureml.ms/mlflow/v1.0{0}-other")]
    [InlineData("azureml://westeurope.api.azureml.ms/other{0}")]
    [InlineData("http://westeurope.api.azureml.ms/mlflow/v1.0{0}")]
    [InlineData("azureml://127.0.0.1:1/mlflow/v1.0{0}")]
    public async Task An_address_that_is_not_allowed_gets_no_token(string address)
    {
        await using var arm = await FakeArm.StartAsync();
        SetWorkspace(arm, string.Format(null, address, AzureClient.Workspace));
        using var azure = AzureClient.For(arm);

        Assert.Equal(AzureException.NotAllowedCode, (await Assert.ThrowsAsync<AzureException>(() => azure.RunMetrics.ReadAsync(AzureClient.Workspace, "train-3", Token))).Code);
        Assert.Single(arm.Calls);
    }

    [Fact]
    public void The_error_for_a_refused_address_contains_the_address_without_a_password_and_the_settings_to_check()
    {
        var workspace = AzureClient.Workspace;

        var refused = Assert.Throws<AzureException>(
            () => TrackingAddress.Check(new Uri($"azureml://user:pass@westeurope.api.azureml.ms/other{workspace}"), workspace, new AzureMLOptions(), "test"));

        Assert.StartsWith(
            $"test: requests to azureml://westeurope.api.azureml.ms/other{workspace} are not allowed; expected azureml://HOST/mlflow/v1.0{workspace}, where HOST ends with ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($"Check mlFlowTrackingUri of workspace {workspace.Name} and AzureML:Cloud.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_simulator_reports_the_metrics_of_a_job()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var properties = new JsonObject { ["jobType"] = "Command", ["command"] = "train", ["environmentId"] = "azureml:e:1", ["tags"] = new JsonObject { ["simulator.runMetrics.auc"] = "0.91" } };
        await azure.Client.Jobs.GetOrCreateAsync(SimulatorFixture.Workspace, "train-3", properties, Token);

        Assert.Equal(new Dictionary<string, double> { ["auc"] = 0.91 }, await azure.Client.RunMetrics.ReadAsync(SimulatorFixture.Workspace, "train-3", Token));
        Assert.Null(await azure.Client.RunMetrics.ReadAsync(SimulatorFixture.Workspace, "train-4", Token));
    }

    private static void SetWorkspace(FakeArm arm, string tracking) => arm.On(
        "GET", AzureClient.Workspace.ToString(), new FakeAnswer(200, new JsonObject { ["properties"] = new JsonObject { ["mlFlowTrackingUri"] = tracking } }.ToJsonString()));
}
