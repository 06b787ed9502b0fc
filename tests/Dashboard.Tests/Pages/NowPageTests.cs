using MLEvents.Dashboard.Health;
using MLEvents.Dashboard.Tests.Operating;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Pages;

/// <summary>The dependencies, the broker backlog and the unfinished actions on the page <c>Now</c>.</summary>
public sealed class NowPageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Circuits_credentials_and_unreachable_services_are_shown_and_an_open_page_is_notified_of_a_change()
    {
        await using var retrainer = new FakeService
        {
            Health = """{"status": "Degraded", "checks": {"azure": {"status": "Degraded", "description": "the circuit of arm is open"}, "credentials": {"status": "Healthy", "description": "no credential is refused"}}}""",
        };
        await retrainer.StartAsync(Token);
        await using var dashboard = new DashboardFixture();
        dashboard.Fixture.Settings["Dashboard:Services:retrainer"] = retrainer.Address;
        await dashboard.StartAsync(Token);

        var page = await dashboard.UntilAsync("/", text => text.Contains("the circuit of arm is open", StringComparison.Ordinal) && text.Contains("No messages are waiting.", StringComparison.Ordinal), Token);
        using var stream = await dashboard.Fixture.Service.Client.GetStreamAsync(new Uri("/live", UriKind.Relative), Token);
        using var reader = new StreamReader(stream);
        await UntilChangedAsync(reader);
        retrainer.Health = """{"status": "Healthy", "checks": {"azure": {"status": "Healthy", "description": "all circuits are closed"}}}""";
        await UntilChangedAsync(reader);

        Assert.Matches("(?s)<td>retrainer</td>\\s*<td>circuits to Azure</td>\\s*<td><span class=\"status degraded\">Degraded</span></td>", page);
        Assert.Matches("(?s)<td>retrainer</td>\\s*<td>credentials</td>\\s*<td><span class=\"status healthy\">", page);
        Assert.Matches("(?s)<td>notifier</td>\\s*<td>-</td>\\s*<td><span class=\"status unreachable\">", page);
        Assert.Contains("all circuits are closed", await dashboard.UntilAsync("/", text => text.Contains("all circuits are closed", StringComparison.Ordinal), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_health_of_a_service_that_answers_without_JSON_is_not_known()
    {
        await using var retrainer = new FakeService { Health = "<html>" };
        await retrainer.StartAsync(Token);
        await using var dashboard = new DashboardFixture();
        dashboard.Fixture.Settings["Dashboard:Services:retrainer"] = retrainer.Address;
        await dashboard.StartAsync(Token);

        var page = await dashboard.UntilAsync("/", text => text.Contains(" answered without JSON: ", StringComparison.Ordinal), Token);

        Assert.Matches("(?s)<td>retrainer</td>\\s*<td>-</td>\\s*<td><span class=\"status unknown\">Unknown</span></td>", page);
    }

    [Fact]
    public async Task The_backlog_is_not_known_if_the_sidecar_does_not_report_it()
    {
        await using var daprd = new FakeService { Accepts = _ => true };
        await daprd.StartAsync(Token);
        await using var dashboard = new DashboardFixture();
        dashboard.Fixture.Settings["DAPR_HTTP_ENDPOINT"] = daprd.Address;
        await dashboard.Fixture.StartServiceAsync(Token);

        var page = await dashboard.UntilAsync("/", text => text.Contains("Not known.", StringComparison.Ordinal) && !text.Contains("It has not been read yet", StringComparison.Ordinal), Token);

        Assert.Contains("Dapr does not report the backlog of its brokers. See the metrics of the broker", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Queues_with_messages_are_listed_with_the_longest_first()
    {
        var backlog = BrokerBacklog.Read("""
            sidecar_requests_total{api="state"} 12
            sidecar_backlog_waiting{pubsub="pubsub",topic="run-completed",group="notifier"} 3
            sidecar_backlog_in_flight{pubsub="pubsub",topic="run-completed",group="notifier"} 1
            sidecar_backlog_waiting{pubsub="pubsub",topic="run-completed",group="retrainer"} 0
            sidecar_backlog_in_flight{pubsub="pubsub",topic="run-completed",group="retrainer"} 0
            sidecar_backlog_waiting{pubsub="pubsub",topic="approvals",group="notifier"} 20
            """);

        Assert.Equal([new("approvals", "notifier", 20, 0), new("run-completed", "notifier", 3, 1)], backlog?.Queues);
        Assert.Equal(24, backlog?.Total);
        Assert.Null(BrokerBacklog.Read("dapr_http_server_request_count{app_id=\"x\"} 1\n"));
    }

    [Fact]
    public async Task The_tile_of_unfinished_actions_also_counts_actions_that_the_page_does_not_list()
    {
        string[] unfinished = ["accepted", "running", "waiting"];
        var drift = SampleEvents.Create("DatasetDriftDetected", "{}");
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);

        await Task.WhenAll(Enumerable.Range(0, 103).Select(number => dashboard.ChangeAsync($"aa112233445566{number:000000}", unfinished[number % unfinished.Length], drift, Token)));

        await dashboard.UntilAsync("/", page => page.Contains(">103<span>in progress or waiting<", StringComparison.Ordinal), Token);
    }

    private static async Task UntilChangedAsync(StreamReader reader)
    {
        for (string? line = ""; line != "event: changed";)
        {
            line = await reader.ReadLineAsync(Token);
            Assert.NotNull(line);
        }
    }
}
