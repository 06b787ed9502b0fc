using System.Diagnostics;
using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Ingress;
using MLEvents.Notifier;
using MLEvents.Retrainer;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Traces;

/// <summary>One trace from the webhook to the mail server and to Azure, through the broker.</summary>
public sealed class TraceTests : IAsyncLifetime
{
    private const string Key = "a-key-for-tests-only";
    private const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string SenderSpan = "00f067aa0ba902b7";

    private const string Alerts = """
        alerts:
          - name: tell
            when: { includedEventTypes: [DatasetDriftDetected] }
            send: { channel: email, to: [ml@example.org], subject: drift }

        """;

    private const string Retraining = """
        retraining:
          - name: train
            when: { includedEventTypes: [DatasetDriftDetected] }
            run: { job: jobs/command.yaml }

        """;

    private const string Job = """
        command: python train.py
        environment: azureml:train:1
        compute: azureml:cpu-cluster

        """;

    private readonly SpanRecorder _spans = new();
    private readonly MailReceiver _mails = MailReceiver.Start();
    private readonly ServiceFixture _ingress = new("ingress", configure => IngressService.Create([], configure));
    private SimulatedAzure? _azure;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _azure ?? throw new InvalidOperationException("The simulator is not started.");

    public async ValueTask InitializeAsync()
    {
        _azure = await SimulatedAzure.StartAsync(Token);
        _ingress.Settings["Ingress:Keys:0"] = Key;
        await _ingress.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _ingress.DisposeAsync();
        await Azure.DisposeAsync();
        await _mails.DisposeAsync();
        _spans.Dispose();
    }

    [Fact]
    public async Task The_trace_of_the_webhook_continues_at_the_mail_server_and_at_azure()
    {
        await StartNotifierAsync();
        await StartRetrainerAsync();

        await PostAsync();
        await _mails.Mails.ReadAsync(Token);
        await _ingress.Activity.FirstAsync(action => action is { Rule: "train", Status: "succeeded" }, Token);

        // A span is recorded when it ends, and it ends after its effect. The test therefore waits for the spans.
        var mail = await OfTraceAsync(span => span.OperationName == "smtp send");
        var create = await OfTraceAsync(span => span.Kind == ActivityKind.Client && $"{span.GetTagItem("http.request.method")}" == "PUT" && $"{span.GetTagItem("url.full")}".Contains("/jobs/", StringComparison.OrdinalIgnoreCase));

        // The traceparent header of a request to Azure contains either the span of the HTTP request or the span around it.
        var created = await OfTraceAsync(span => span.Kind == ActivityKind.Server && (span.ParentSpanId == create.SpanId || span.ParentSpanId == create.ParentSpanId));
        var polled = await OfTraceAsync(span => span.Source.Name == "MLEvents.Ledger" && span.OperationName.StartsWith("step ", StringComparison.Ordinal) && $"{span.GetTagItem("mlevents.rule")}" == "train" && $"{span.GetTagItem("mlevents.outcome")}" == "succeeded");
        var webhook = await OfTraceAsync(span => span.Kind == ActivityKind.Server && span.ParentSpanId.ToHexString() == SenderSpan);
        var consumed = await _spans.Ended.AtLeastAsync(2, span => span.TraceId.ToHexString() == TraceId && span.OperationName == "process dataset-drift-detected", Token);

        Assert.All(consumed, span => Assert.Equal(webhook.SpanId, span.ParentSpanId));
        Assert.Equal(("tell", "train", "train"), (RuleAbove(mail), RuleAbove(create), RuleAbove(polled)));
        Assert.True(created.HasRemoteParent);
        Assert.Equal(20, $"{polled.GetTagItem("mlevents.action.id")}".Length);
    }

    [Fact]
    public async Task A_mail_about_the_result_of_an_action_belongs_to_the_trace_of_the_webhook()
    {
        const string Results = """
            alerts:
              - name: result
                when: { includedEventTypes: [ActionChanged], advancedFilters: [{ operatorType: StringIn, key: data.rule, values: [train] }, { operatorType: StringIn, key: data.status, values: [succeeded] }] }
                send: { channel: email, to: [ml@example.org], subject: trained }

            """;
        await StartNotifierAsync(Results);
        await StartRetrainerAsync();

        await PostAsync();
        await _mails.Mails.ReadAsync(Token);

        var mail = await OfTraceAsync(span => span.OperationName == "smtp send");
        Assert.Equal("result", RuleAbove(mail));
    }

    [Fact]
    public async Task The_pages_of_the_event_and_of_its_action_link_to_the_trace_viewer()
    {
        await StartNotifierAsync();
        var dashboard = await _ingress.StartBesideAsync(
            "dashboard", configure => DashboardService.Create(["--environment", "Development"], configure), [new("History:File", Path.Combine(_ingress.Folder.Path, "dashboard.db")), new("Dashboard:TraceViewer", "https://traces.example.org/trace/{traceId}")], Token);

        await PostAsync();
        var notified = await _ingress.Activity.FirstAsync(action => action is { Rule: "tell", Status: "succeeded" }, Token);

        foreach (var path in (string[])[$"/events/{EventKey.From(Workspace, "drift-1")}", $"/actions/{notified.ActionId}"])
        {
            await Poll.UntilAsync(
                async token =>
                {
                    using var response = await dashboard.Client.GetAsync(new Uri(path, UriKind.Relative), token);
                    return await response.Content.ReadAsStringAsync(token);
                },
                page => page.Contains($"href=\"https://traces.example.org/trace/{TraceId}\"", StringComparison.Ordinal),
                Token);
        }
    }

    private async Task StartNotifierAsync(string rules = Alerts)
    {
        _ingress.Folder.Write("rules/alerts.yaml", rules);
        await _ingress.StartBesideAsync(
            "notifier", configure => NotifierService.Create(["--environment=Development"], configure),
            [new("Mail:Host", "127.0.0.1"), new("Mail:Port", $"{_mails.Port}"), new("Mail:From", "alerts@example.org"), new("Mail:Security", "None")], Token);
    }

    private async Task StartRetrainerAsync()
    {
        _ingress.Folder.Write("rules/retraining.yaml", Retraining);
        _ingress.Folder.Write("rules/jobs/command.yaml", Job);
        await _ingress.StartBesideAsync(
            "retrainer", configure => RetrainerService.Create(["--environment=Development"], configure), [.. Azure.Settings, new("AzureML:Workspaces:0", Workspace), new("Retrainer:PollInterval", "00:00:00.100")], Token);
    }

    private async Task PostAsync()
    {
        var drift = SampleEvents.Create("DatasetDriftDetected", """{"dataDriftName": "churn", "driftCoefficient": 0.4}""", "datadrift/churn", "drift-1");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/events?code={Key}") { Content = new StringContent(WithoutTrace(drift.Envelope), System.Text.Encoding.UTF8, "application/cloudevents+json") };
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-{SenderSpan}-01");

        // This client adds no trace context of its own, so the header above is sent unchanged.
        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = _ingress.Service.Client.BaseAddress };
        using var response = await client.SendAsync(request, Token);
        response.EnsureSuccessStatusCode();
    }

    private static string WithoutTrace(JsonElement envelope) => JsonSerializer.Serialize(envelope.EnumerateObject().Where(member => !member.Name.StartsWith("trace", StringComparison.Ordinal)).ToDictionary(member => member.Name, member => member.Value));

    private Task<Activity> OfTraceAsync(Predicate<Activity> isExpected) => _spans.Ended.FirstAsync(span => span.TraceId.ToHexString() == TraceId && isExpected(span), Token);

    private static string RuleAbove(Activity span)
    {
        for (var above = span; above is not null; above = above.Parent)
        {
            if (above.GetTagItem("mlevents.rule") is string rule)
            {
                return rule;
            }
        }

        return "none";
    }
}
