using System.Net;
using System.Text.Json.Nodes;

using MLEvents.EndToEnd.Running;
using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

[Collection(EnvironmentGroup.Name)]
public sealed class OfficialSampleTests(RunningEnvironment environment)
{
    private const string EventGrid = "eventgrid";
    private const string CloudEvents = "cloudevents";
    private const string Captured = "captured";

    // All official samples have this id. Their workspace is a placeholder, which the ingress does not change.
    private const string SampleId = "831e1650-001e-001b-66ab-eeb76e069631";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EventGrid)]
    [InlineData(CloudEvents)]
    [InlineData(Captured)]
    public async Task Every_sample_is_accepted_in_the_form_that_Event_Grid_delivers(string folder)
    {
        var files = Directory.GetFiles(FolderOf(folder), "*.json");

        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Assert.Equal(HttpStatusCode.OK, (await DeliverAsync(folder, Path.GetFileNameWithoutExtension(file))).Status);
        }
    }

    [Fact]
    public async Task One_mail_reports_a_deployed_model_although_its_event_is_delivered_in_both_schemas()
    {
        await DeliverAsync(EventGrid, "ModelDeployed");
        await DeliverAsync(CloudEvents, "ModelDeployed");

        var mail = await OnlyMailAsync("ModelDeployed in {workspace-name}: endpoints/my-sklearn-service");
        Assert.Equal(["ml-team@example.com"], mail.To);
        Assert.Equal(SampleId, mail.Correlation);
    }

    [Fact]
    public async Task A_captured_event_of_a_deployed_model_is_mailed()
    {
        await DeliverAsync(Captured, "ModelDeployed");

        var mail = await OnlyMailAsync("ModelDeployed in jenns-canary: endpoints/aciservice1");
        Assert.Contains("https://ml.azure.com/", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_is_mailed()
    {
        await DeliverAsync(EventGrid, "RunStatusChanged");
        await DeliverAsync(CloudEvents, "RunStatusChanged");

        var mail = await OnlyMailAsync("Run failed in automl-local-regression");
        Assert.Contains("AutoML_ad912b2d-6467-4f32-a616-dbe4af6dd8fc_5 of the experiment automl-local-regression is failed", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registered_model_is_sent_to_the_chat()
    {
        await DeliverAsync(EventGrid, "ModelRegistered");
        await DeliverAsync(CloudEvents, "ModelRegistered");

        var hooks = await Poll.UntilAsync(token => environment.Simulator.HooksAsync("sklearn_regression_model has a new version, 20", token), found => found.Count > 0, Token);
        await environment.MarkAsync(Token);
        var hook = Assert.Single(hooks);
        Assert.Equal("teams", hook.Name);
        Assert.Equal("message", (string?)JsonNode.Parse(hook.Body)?["type"]);
    }

    [Theory]
    [InlineData(EventGrid, SampleId)]
    [InlineData(Captured, "044ac44d-462c-4043-99eb-d9e01dc760ab")]
    public async Task A_completed_run_is_archived_with_its_data_value_for_value(string folder, string id)
    {
        var sample = JsonNode.Parse(ReadSample(folder, "RunCompleted"));
        var file = Path.Combine(environment.Data, "archive", $"{id}.json");

        await DeliverAsync(folder, "RunCompleted");
        var archived = await Poll.UntilAsync(token => ReadJsonAsync(file, token), content => content is not null, Token);

        Assert.Equal(id, (string?)archived?["id"]);
        Assert.Equal("Microsoft.MachineLearningServices.RunCompleted", (string?)archived?["type"]);
        var sent = (sample as JsonArray)?[0] ?? sample;
        Assert.Equal((string?)sent?["topic"], (string?)archived?["source"]);
        Assert.True(JsonNode.DeepEquals(sent?["data"], archived?["data"]), archived?.ToJsonString());
    }

    // The samples come from workspaces other than the local workspace. The mails are sent, but the retraining fails.
    [Theory]
    [InlineData(EventGrid, "DatasetDriftDetected in {workspace-name}: datadrifts/{}/runs/{}", SampleId)]
    [InlineData(Captured, "DatasetDriftDetected in driftDemoWS: datadrift/01d29aa4-e6a4-470a-9ef3-66660d21f8ef/run/01d29aa4-e6a4-470a-9ef3-66660d21f8ef_1571590300380", "2684de79-b145-4dcf-ad2e-6a1db798585f")]
    public async Task Drift_of_an_unknown_workspace_is_mailed_and_starts_no_job(string folder, string subject, string id)
    {
        await DeliverAsync(folder, "DatasetDriftDetected");

        var mail = await OnlyMailAsync(subject);
        Assert.Equal(id, mail.Correlation);
        Assert.Contains("detected drift with the coefficient 0.83503490684792", mail.Text, StringComparison.Ordinal);
        Assert.Empty(await environment.Simulator.JobsAsync(id, Token));
        Assert.DoesNotContain("FormatException", await ReadLogAsync("retrainer"), StringComparison.Ordinal);
    }

    private static string FolderOf(string folder)
    {
        Assert.SkipWhen(Repository.Reference is null, "The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so the official samples are not sent.");
        return Path.Combine(Repository.Reference ?? "", "events", folder);
    }

    private static string ReadSample(string folder, string name) => File.ReadAllText(Path.Combine(FolderOf(folder), name + ".json"));

    private static async Task<JsonNode?> ReadJsonAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return File.Exists(file) ? JsonNode.Parse(await File.ReadAllTextAsync(file, cancellationToken)) : null;
        }
        catch (System.Text.Json.JsonException)
        {
            // The file is not complete yet.
            return null;
        }
    }

    private async Task<string> ReadLogAsync(string service)
    {
        await using var stream = new FileStream(Path.Combine(environment.Data, "logs", service + ".log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }

    // Event Grid posts its own schema as an array and a CloudEvent as an object.
    private Task<WebhookAnswer> DeliverAsync(string folder, string name)
    {
        var sample = ReadSample(folder, name);
        return folder == CloudEvents
            ? environment.Ingress.PostAsync(sample, "application/cloudevents+json; charset=utf-8", Token)
            : environment.Ingress.PostAsync(sample.TrimStart().StartsWith('[') ? sample : $"[{sample}]", "application/json; charset=utf-8", Token);
    }

    private async Task<InboxMail> OnlyMailAsync(string subject)
    {
        await Poll.UntilAsync(token => OfSubjectAsync(subject, token), found => found.Count > 0, Token);
        await environment.MarkAsync(Token);
        return Assert.Single(await OfSubjectAsync(subject, Token));
    }

    private async Task<IReadOnlyList<InboxMail>> OfSubjectAsync(string subject, CancellationToken cancellationToken) =>
        [.. (await environment.Simulator.MailsAsync(null, cancellationToken)).Where(mail => mail.Subject == subject)];
}
