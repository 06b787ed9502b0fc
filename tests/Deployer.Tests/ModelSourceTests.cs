using MLEvents.Deployer.Steps;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>Models that the event does not name, or that are not in the workspace of the event.</summary>
public sealed class ModelSourceTests
{
    private readonly FakeAzure _azure = new() { Model = TestData.Model(), Latest = "12" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newest_version_is_chosen_once_when_the_roll_out_begins()
    {
        var plan = TestData.Plan with { Version = "latest", IsLatest = true };

        var begun = Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(plan), Token));
        _azure.Latest = "13";
        var later = DeploymentChoice.Apply(TestData.Record(plan, begun.Stage, begun.State), plan);

        Assert.Equal("12", later.Version);
    }

    [Fact]
    public async Task A_model_without_versions_fails_the_action()
    {
        _azure.Latest = null;
        _azure.Model = null;

        var failed = Assert.IsType<Failed>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan with { Version = "latest", IsLatest = true }), Token));

        Assert.StartsWith("model churn:latest is not in workspace ml-local", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_the_model_is_not_in_the_registry_the_error_contains_the_command_that_shares_it()
    {
        _azure.Model = null;

        var failed = Assert.IsType<Failed>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan with { RegistryId = TestData.Registry }), Token));

        Assert.Contains("az ml model share --name churn --version 3 --registry-name contoso", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(TestData.Registry, Assert.Single(_azure.ModelContainers).ToString());
    }

    [Theory]
    [InlineData("azureml://registries/contoso/models/churn/versions/2", TestData.Registry)]
    [InlineData("azureml://registries/other/models/churn/versions/2", null)]
    [InlineData(SampleEvents.Workspace + "/models/churn/versions/2", SampleEvents.Workspace)]
    public async Task The_model_in_service_is_read_from_the_workspace_or_registry_in_its_id(string modelId, string? container)
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.HasDeployment("blue");
        _azure.Deployments[0] = _azure.Deployments[0] with { ModelId = modelId };
        _azure.Model = TestData.Model() with { Tags = new Dictionary<string, string> { ["auc"] = "0.9" } };
        var gate = new ModelGate { Metrics = [new() { Name = "auc", NotWorseThanCurrent = 0 }] };

        var result = await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan with { RegistryId = TestData.Registry, Gate = gate }), Token);

        Assert.Equal(container is null ? typeof(Failed) : typeof(Continue), result.GetType());
        Assert.Equal(container is null ? [TestData.Registry] : [TestData.Registry, container], _azure.ModelContainers.Select(one => one.ToString()));
    }

    [Fact]
    public async Task The_deployment_of_a_registry_model_contains_the_registry_id_of_the_model()
    {
        await using var rollouts = new RolloutFixture($$"""
            deployments:
              - name: rollout
                model: { name: churn, registry: {{TestData.Registry}} }
                deploy: { endpoint: churn-scoring, location: westeurope, workspace: {{SampleEvents.Workspace}} }
            """);
        await rollouts.StartAsync();
        await rollouts.AddModelAsync(TestData.Registry, "1");
        var registered = RolloutFixture.Registered("1");

        await rollouts.Deployer.PublishAsync(registered, Token);
        var end = await rollouts.Deployer.EndOfAsync("rollout", registered, Token);

        Assert.Equal("succeeded", end.Status);
        Assert.Equal("azureml://registries/contoso/models/churn/versions/1", (string?)Assert.Single(await rollouts.Azure.ListAsync("deployments", Token))["properties"]?["model"]);
    }

    [Fact]
    public async Task A_workspace_that_the_settings_do_not_allow_gets_no_endpoint()
    {
        await using var rollouts = new RolloutFixture(
            $$"""
            deployments:
              - name: rollout
                model: { name: churn }
                deploy: { endpoint: churn-scoring, location: westeurope, workspace: {{SampleEvents.Workspace}}-production }
            """,
            ("AzureML:Workspaces:0", SampleEvents.Workspace));
        await rollouts.StartAsync();

        var end = await rollouts.RollOutAsync("1");

        Assert.Equal("failed", end.Status);
        Assert.Contains("ml-local-production is not allowed by AzureML:Workspaces", end.Detail, StringComparison.Ordinal);
        Assert.Empty(await rollouts.Azure.ListAsync("endpoints", Token));
    }

    [Fact]
    public async Task The_sample_rolls_the_newest_model_out_when_a_data_factory_run_succeeded()
    {
        await using var rollouts = new RolloutFixture(Sample("sales-after-training"));
        await rollouts.StartAsync();
        await rollouts.Azure.RegisterAsync("sales", "4", Token);
        await rollouts.Azure.RegisterAsync("sales", "5", Token);
        var running = Reported("running");
        var succeeded = Reported("succeeded");

        await rollouts.Deployer.PublishAsync(running, Token);
        await rollouts.Deployer.PublishAsync(succeeded, Token);
        var end = await rollouts.Deployer.EndOfAsync("sales-after-training", succeeded, Token);

        Assert.Equal("succeeded", end.Status);
        var deployment = Assert.Single(await rollouts.Azure.ListAsync("deployments", Token));
        Assert.EndsWith("/models/sales/versions/5", (string?)deployment["properties"]?["model"], StringComparison.Ordinal);
        Assert.DoesNotContain(rollouts.Deployer.Activity.All, action => action.Event.Id == running.Id);
    }

    // Returns the sample file with the rule enabled. The sample disables the rule, because not every factory trains a model.
    private static string Sample(string rule)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "rules", "deployments.yaml"));
        Assert.Contains($"- name: {rule}\n", text, StringComparison.Ordinal);
        return text.Replace($"- name: {rule}\n    enabled: false\n", $"- name: {rule}\n", StringComparison.Ordinal);
    }

    private static WorkflowEvent Reported(string status) => SampleEvents.Create(EventTypes.ActionChanged, $$"""
        {
          "service": "retrainer", "rule": "sales-on-drift", "actionId": "a1", "status": "{{status}}", "stage": "", "attempt": 1, "generation": 0, "correlationId": "chain-1",
          "detail": "", "links": {}, "event": { "id": "drift-1", "type": "{{EventTypes.DatasetDriftDetected}}", "subject": "datadrift", "source": "{{SampleEvents.Workspace}}" }
        }
        """);
}
