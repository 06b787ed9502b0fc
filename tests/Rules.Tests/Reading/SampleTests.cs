using System.Text.Json;

using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Tests.Reading;

/// <summary>Tests the sample rules of the repository with events of the types that the local scenario raises.</summary>
public sealed class SampleTests
{
    private const string Drift = """{"dataDriftName":"churn-monitor","runId":"d_1","driftCoefficient":0.83,"targetDatasetId":"t"}""";
    private const string Breach = """{"runId":"m_1","runStatus":"Failed","runTags":{"azureml_modelmonitor_threshold_breached":"Signal x has failed due to one or more features violating metric thresholds."}}""";

    [Theory]
    [InlineData(EventTypes.DatasetDriftDetected, Drift, "drift")]
    [InlineData(EventTypes.RunStatusChanged, Breach, "drift")]
    [InlineData(EventTypes.RunStatusChanged, """{"runId":"r","runStatus":"failed","experimentName":"e"}""", "run-failed")]
    [InlineData(EventTypes.ModelDeployed, """{"serviceName":"churn-scoring","modelIds":"churn:1"}""", "model-deployed")]
    [InlineData(EventTypes.ModelRegistered, """{"modelName":"churn","modelVersion":1}""", "model-registered")]
    [InlineData(EventTypes.RunCompleted, """{"runId":"r"}""", "archive-completed-runs")]
    public void Each_event_raises_its_alert_and_every_template_renders(string type, string data, string expected)
    {
        var rules = RuleLoader.LoadAlerts(Files.Rules("alerts.yaml"));
        var workflowEvent = TestData.Event(data, type);

        var rule = Assert.Single(rules.Matching(workflowEvent));

        Assert.Equal(expected, rule.Name);
        Assert.All(Templates(rule.Send), template => Assert.NotEmpty(template.Render(TemplateModel.For(workflowEvent))));
    }

    [Fact]
    public void The_blocks_for_Slack_escape_values_of_an_event()
    {
        var body = Body("own-blocks");
        var blocks = body.GetProperty("blocks");

        Assert.Equal("ModelDeployed: churn \"x\" &lt;!channel&gt; &amp; more", body.GetProperty("text").GetString());
        Assert.Equal(["header", "section", "context"], blocks.EnumerateArray().Select(block => block.GetProperty("type").GetString()));
        Assert.StartsWith("*churn \"x\" &lt;!channel&gt; &amp; more*\nWorkspace ml-local, 2026-03-04", blocks[1].GetProperty("text").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("Chain event-1 <https://ml.azure.com/", blocks[2].GetProperty("elements")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_card_for_Teams_contains_values_of_an_event_as_text()
    {
        var attachment = Body("own-card").GetProperty("attachments")[0];
        var card = attachment.GetProperty("content");

        Assert.Equal("application/vnd.microsoft.card.adaptive", attachment.GetProperty("contentType").GetString());
        Assert.Equal("AdaptiveCard", card.GetProperty("type").GetString());
        Assert.Equal("ModelDeployed: churn \"x\" <!channel> & more", card.GetProperty("body")[0].GetProperty("inlines")[0].GetProperty("text").GetString());
        Assert.StartsWith("https://ml.azure.com/", card.GetProperty("actions")[0].GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    // The binding for local storage reads the key 'fileName'. The binding for Azure Blob Storage reads the key 'blobName', and creates a random name if this key is missing.
    [Fact]
    public void The_archive_rule_names_the_file_for_each_storage_and_a_repeated_event_gets_the_same_name()
    {
        var rule = Assert.Single(RuleLoader.LoadAlerts(Files.Rules("alerts.yaml")).Rules, rule => rule.Name == "archive-completed-runs");
        var workflowEvent = TestData.Event("""{"runId":"r"}""", EventTypes.RunCompleted);

        var calls = new[] { workflowEvent, workflowEvent }.Select(one => Assert.IsType<BindingPlan>(AlertPlans.Create(rule, one, []).Plan)).ToList();

        Assert.All(calls, call => Assert.Equal(("event-1.json", "event-1.json"), (call.Metadata["fileName"], call.Metadata["blobName"])));
    }

    [Fact]
    public void The_rule_for_Slack_is_disabled()
    {
        var rule = Assert.Single(RuleLoader.LoadAlerts(Files.Rules("alerts.yaml")).Rules, rule => rule.Name == "model-registered-slack");

        Assert.False(rule.Enabled);
        Assert.Equal(("post", ChatFormat.Slack), (rule.Send.Operation, rule.Send.Format));
    }

    [Fact]
    public void The_rule_for_a_batch_endpoint_is_disabled_and_passes_numbers_with_their_type()
    {
        var rule = Assert.Single(RuleLoader.LoadRetraining(Files.Rules("retraining.yaml")).Rules, rule => rule.Run is BatchEndpointRun);

        var plan = Assert.IsType<BatchPlan>(RetrainingPlans.Create(rule, TestData.Event(Drift, EventTypes.DatasetDriftDetected)).Plan);

        Assert.False(rule.Enabled);
        Assert.Equal(("churn-training", "mlevents_run", "0.83"), (plan.Endpoint, plan.ActionInput, plan.Invocation["InputData"]?["coefficient"]?["Value"]?.GetValue<string>()));
    }

    [Theory]
    [InlineData(EventTypes.DatasetDriftDetected, Drift, "t")]
    [InlineData(EventTypes.RunStatusChanged, Breach, "churn-latest")]
    [InlineData(EventTypes.DatasetDriftDetected, """{"driftCoefficient":0.83,"targetDatasetId":"t"}""", "t")]
    public void Both_event_types_of_drift_retrain_churn(string type, string data, string target)
    {
        var workflowEvent = TestData.Event(data, type);

        var rule = Assert.Single(RuleLoader.LoadRetraining(Files.Rules("retraining.yaml")).Matching(workflowEvent));

        var run = Assert.IsType<JobRun>(rule.Run);
        Assert.Equal("churn-on-drift", rule.Name);
        Assert.Equal(target, run.Inputs["target"].Render(TemplateModel.For(workflowEvent)));
        Assert.Equal("churn", run.CreateJob()["outputs"]?["model"]?["assetName"]?.GetValue<string>());
        Assert.NotSame(run.CreateJob(), run.CreateJob());
    }

    [Fact]
    public void Drift_of_a_sales_monitor_runs_the_data_factory()
    {
        var workflowEvent = TestData.Event("""{"dataDriftName":"sales-eu","driftCoefficient":0.5,"targetDatasetId":"t"}""", EventTypes.DatasetDriftDetected);

        var rule = Assert.Single(RuleLoader.LoadRetraining(Files.Rules("retraining.yaml")).Matching(workflowEvent));

        var run = Assert.IsType<DataFactoryRun>(rule.Run);
        Assert.Equal(("ml-local", "adf-local", "retrain-sales"), (run.ResourceGroup, run.Factory, run.Pipeline));
        Assert.Equal("0.5", run.Parameters["coefficient"].Render(TemplateModel.For(workflowEvent))?.ToString());
    }

    [Fact]
    public void A_new_churn_model_is_rolled_out()
    {
        var workflowEvent = TestData.Event("""{"modelName":"churn","modelVersion":"7"}""", EventTypes.ModelRegistered);

        var rule = Assert.Single(RuleLoader.LoadDeployments(Files.Rules("deployments.yaml")).Matching(workflowEvent));

        var model = TemplateModel.ForModel(workflowEvent, "churn", "7", "/id");
        Assert.Equal("churn-scoring", rule.Deploy.Endpoint.Render(model));
        Assert.Equal("churn:7", rule.Deploy.Tags["model"].Render(model));
        Assert.Equal("westeurope", rule.Deploy.Location.Source);
    }

    [Theory]
    [InlineData("canary", 3)]
    [InlineData("blue-green", 1)]
    [InlineData("linear", 4)]
    [InlineData("mirror", 2)]
    [InlineData("proven", 2)]
    public void There_is_a_sample_of_each_strategy(string name, int steps)
    {
        var rule = Assert.Single(RuleLoader.LoadDeployments(Files.Rules($"strategies/{name}.yaml")).Rules);

        Assert.Equal($"churn-{name}", rule.Name);
        Assert.Equal(steps, rule.Strategy?.Steps.Count);
    }

    private static JsonElement Body(string name)
    {
        var rule = Assert.Single(RuleLoader.LoadAlerts(Files.Rules("alerts.yaml")).Rules, rule => rule.Name == name);
        var call = Assert.IsType<BindingPlan>(AlertPlans.Create(rule, TestData.Event("""{"serviceName":"s"}""", EventTypes.ModelDeployed, "churn \"x\" <!channel> & more"), []).Plan);
        return JsonDocument.Parse(call.Data).RootElement;
    }

    private static IEnumerable<Template> Templates(AlertMessage message) =>
        new[] { message.Subject, message.Text, message.Html, message.Body }.OfType<Template>().Concat(message.Metadata.Values);
}
