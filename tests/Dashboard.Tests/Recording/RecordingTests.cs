using System.Net;

using MLEvents.Events;
using MLEvents.Local.Sidecar;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Notifier;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Recording;

public sealed class RecordingTests
{
    private const string Alerts = """
        alerts:
          - name: archive
            when: { includedEventTypes: [RunStatusChanged] }
            send: { channel: archive, operation: create, forward: true }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_of_each_topic_gets_a_page()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);

        foreach (var type in (string[])["ModelRegistered", "ModelDeployed", "RunCompleted", "RunStatusChanged", "DatasetDriftDetected", "Contoso.Other"])
        {
            var page = await dashboard.PublishAsync(SampleEvents.Create(type, """{"text": "<script>alert(1)</script>"}"""), Token);

            var text = await dashboard.ReadAsync(page, Token);
            Assert.Contains(type.Split('.')[^1], text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("MLEvents.FromTheFuture", """{"attempt": "no number"}""", "SUCCESS")]
    [InlineData(EventTypes.ActionChanged, """{"attempt": "no number"}""", "DROP")]
    [InlineData(EventTypes.ActionChanged, "null", "DROP")]
    [InlineData(EventTypes.ActionChanged, """{"service": "retrainer"}""", "DROP")]
    [InlineData(EventTypes.RulesLoaded, """{"service": "notifier", "version": "v1", "files": {"alerts.yaml": null}}""", "DROP")]
    public async Task Invalid_activity_goes_to_the_dead_letters_and_unknown_types_are_skipped(string type, string data, string status)
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        dashboard.Fixture.Service.Expected = log => log.Message.Contains("goes to the dead letters", StringComparison.Ordinal);
        using var delivery = new StringContent($$"""{"specversion": "1.0", "id": "a-1", "source": "/mlevents/x", "type": "{{type}}", "data": {{data}} }""", System.Text.Encoding.UTF8, "application/cloudevents+json");

        using var response = await dashboard.Fixture.Service.Sidecar.PostAsync(new Uri("/topics/workflow-activity", UriKind.Relative), delivery, Token);

        Assert.Contains($"\"{status}\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_database_is_unavailable_only_the_dashboard_waits_and_the_notifier_acts()
    {
        var port = FreePort.Next();
        await using var notifier = new ServiceFixture("notifier", configure => NotifierService.Create([], configure));
        notifier.Settings["Mail:From"] = "alerts@example.org";
        notifier.Folder.Write("rules/alerts.yaml", Alerts);
        notifier.Component("archive", "bindings.localstorage", ("rootPath", Path.Combine(notifier.Folder.Path, "archive")));
        await notifier.StartAsync(Token);
        await using var dashboard = await StartDashboardAsync(new() { ["History:PostgreSql"] = $"Host=127.0.0.1;Port={port};Username=tests;Timeout=1", ["History:WriteTimeout"] = "00:00:00.300" });
        await using var sidecar = await SidecarHost.StartAsync(SidecarOf(dashboard, notifier), Token);
        dashboard.Expected = log => log.Message.StartsWith("Health check", StringComparison.Ordinal);
        var workflowEvent = SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""");

        await notifier.PublishAsync(workflowEvent, Token);
        var end = await notifier.EndOfAsync("archive", workflowEvent, Token);

        Assert.Equal("succeeded", end.Status);
        Assert.DoesNotContain(notifier.DeadLetters.All, _ => true);
        using var ready = await dashboard.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        using var page = await dashboard.Client.GetAsync(new Uri("/", UriKind.Relative), Token);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (ready.StatusCode, page.StatusCode));
    }

    [Fact]
    public async Task While_the_database_accepts_no_writes_the_notifier_acts_and_the_event_is_stored_later()
    {
        await using var notifier = new ServiceFixture("notifier", configure => NotifierService.Create([], configure));
        notifier.Settings["Mail:From"] = "alerts@example.org";
        notifier.Folder.Write("rules/alerts.yaml", Alerts);
        notifier.Component("archive", "bindings.localstorage", ("rootPath", Path.Combine(notifier.Folder.Path, "archive")));
        await notifier.StartAsync(Token);
        var file = Path.Combine(notifier.Folder.Path, "dashboard.db");
        await using var dashboard = await StartDashboardAsync(new() { ["History:File"] = file, ["History:WriteTimeout"] = "00:00:00.300" });
        await Poll.UntilAsync(async token => (await dashboard.Client.GetAsync(new Uri("/", UriKind.Relative), token)).StatusCode, status => status == HttpStatusCode.OK, Token);
        await using var sidecar = await SidecarHost.StartAsync(SidecarOf(dashboard, notifier), Token);
        var workflowEvent = SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""");
        var page = new Uri($"/events/{Dashboard.History.EventKey.From(workflowEvent.Source, workflowEvent.Id)}", UriKind.Relative);
        await using (var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await other.OpenAsync(Token);
            await using var held = await other.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, Token);

            await notifier.PublishAsync(workflowEvent, Token);
            Assert.Equal("succeeded", (await notifier.EndOfAsync("archive", workflowEvent, Token)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await dashboard.Client.GetAsync(page, Token)).StatusCode);
        }

        await Poll.UntilAsync(async token => (await dashboard.Client.GetAsync(page, token)).StatusCode, status => status == HttpStatusCode.OK, Token);
    }

    [Fact]
    public async Task Events_are_stored_after_a_restart_of_the_dashboard()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.Fixture.StopServiceAsync();
        await dashboard.Fixture.StopSidecarAsync();
        await dashboard.Fixture.StartServiceAsync(Token);
        await dashboard.Fixture.StartSidecarAsync(Token);

        await dashboard.PublishAsync(SampleEvents.Create("RunCompleted", subject: "runs/after-restart"), Token);

        Assert.Contains("runs/after-restart", await dashboard.ReadAsync("/events", Token), StringComparison.Ordinal);
    }

    private static Task<RunningService> StartDashboardAsync(Dictionary<string, string?> settings) =>
        RunningService.StartAsync(configure => DashboardService.Create(["--environment", "Development"], configure), settings, Token);

    private static SidecarOptions SidecarOf(RunningService dashboard, ServiceFixture beside)
    {
        var options = new SidecarOptions { AppId = "dashboard", AppPort = dashboard.Client.BaseAddress?.Port, HttpPort = 0, GrpcPort = 0, ApiToken = SidecarTokens.Dapr, AppApiToken = SidecarTokens.App, DataDirectory = Path.Combine(beside.Folder.Path, "data") };
        options.ResourcesPaths.Add(Path.Combine(beside.Folder.Path, "components"));
        return options;
    }
}
