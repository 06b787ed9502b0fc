using System.Globalization;
using System.Net;

using Microsoft.Extensions.DependencyInjection;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Dashboard.Recording;
using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Pages;

public sealed class PageTests
{
    private static readonly string[] AllPages =
        ["/", "/events", "/chains", "/actions", "/approvals", "/models", "/storm", "/storm?hours=6", "/storm?hours=168&rule=churn", "/storm?hours=720", "/storm?hours=x", "/events?before=x", "/actions?before=-1", "/bulk?changed=x", "/signin?failed=x", "/rules", "/audit", "/audit?before=x", "/quarantine", "/dead-letters", "/signin"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_action_appears_on_every_page_that_is_about_it()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        var model = SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "3", "note": "a & b"}""", "models/churn:3", "model-1");
        var eventPage = await dashboard.PublishAsync(model, Token);
        await dashboard.ChangeAsync("00112233445566778899", "failed", model, Token, "Azure answered 409");

        await dashboard.UntilAsync("/actions/00112233445566778899", page => page.Contains("Azure answered 409", StringComparison.Ordinal), Token);

        foreach (var path in (string[])["/", "/actions", "/actions?status=failed&service=retrainer&rule=churn", eventPage, "/model?name=churn"])
        {
            Assert.Contains("/actions/00112233445566778899", await dashboard.ReadAsync(path, Token), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("/actions/00112233445566778899", await dashboard.ReadAsync("/actions?status=succeeded", Token), StringComparison.Ordinal);
        Assert.Contains("/chain?id=model-1", await dashboard.ReadAsync("/chains", Token), StringComparison.Ordinal);
        Assert.Contains("/model?name=churn", await dashboard.ReadAsync("/models", Token), StringComparison.Ordinal);
        Assert.Contains(eventPage, await dashboard.ReadAsync("/events?type=ModelRegistered&data=data.note%20%3D%20a%20%26%20b", Token), StringComparison.Ordinal);
        Assert.Contains("<svg", await dashboard.ReadAsync("/chain?id=model-1", Token), StringComparison.Ordinal);
        Assert.Contains("\"correlationId\": \"model-1\"", await dashboard.ReadAsync("/chain/json?id=model-1", Token), StringComparison.Ordinal);
        System.Xml.Linq.XDocument.Parse(await dashboard.ReadAsync("/chain/svg?id=model-1", Token));
    }

    // At the start, a Dapr client and services that persist state would load assemblies or native libraries, which stay in memory (decision 131).
    [Fact]
    public async Task The_dashboard_registers_neither_a_Dapr_client_nor_services_that_persist_state()
    {
        IServiceCollection? registered = null;
        await using var dashboard = new DashboardFixture { Services = services => registered = services };
        await dashboard.StartAsync(Token);

        Assert.NotNull(registered);

        // Without this assertion, the next one would also pass for a list that lacks the framework's registrations.
        Assert.Contains(registered, service => service.ServiceType == typeof(Microsoft.AspNetCore.Components.PersistentComponentState));
        Assert.DoesNotContain(registered, service => service.ServiceType.Name is nameof(Dapr.Client.DaprClient) or "IPersistentServiceRegistration");
    }

    [Fact]
    public async Task Every_page_answers_without_any_history_and_without_the_services()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", page => page.Contains("Unreachable", StringComparison.Ordinal), Token);

        Assert.All(await Task.WhenAll(AllPages.Select(path => dashboard.ReadAsync(path, Token))), page => Assert.Contains("<h1>", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/events/none")]
    [InlineData("/actions/none")]
    [InlineData("/chain?id=none")]
    [InlineData("/model?name=none")]
    [InlineData("/rules/none")]
    [InlineData("/nowhere")]
    public async Task A_page_of_a_missing_object_answers_404(string path)
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);

        using var response = await dashboard.Fixture.Service.Client.GetAsync(new Uri(path, UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Each_action_that_changed_at_the_same_instant_is_on_exactly_one_page()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);
        var writer = dashboard.Fixture.Service.Services.GetRequiredService<HistoryWriter>();
        var (now, cause) = (TimeProvider.System.GetUtcNow(), EventReference.To(SampleEvents.Create("RunCompleted")));
        var ids = Enumerable.Range(0, 100).Select(number => number.ToString("x20", CultureInfo.InvariantCulture)).ToList();
        foreach (var id in ids)
        {
            var changed = new ActionChanged("retrainer", "churn", id, "failed", "", 1, "chain-1", cause, "", new Dictionary<string, Uri>());
            await writer.WriteAsync(ActivityEntries.From(id, changed, now), Token);
        }

        var first = await dashboard.ReadAsync("/actions?status=failed", Token);
        var second = await dashboard.ReadAsync(WebUtility.HtmlDecode(first.Split("rel=\"next\" href=\"")[1].Split('"')[0]), Token);

        Assert.Equal(ids.Take(50), ids.Where(id => first.Contains($"\"/actions/{id}\"", StringComparison.Ordinal)));
        Assert.Equal(ids.Skip(50), ids.Where(id => second.Contains($"\"/actions/{id}\"", StringComparison.Ordinal)));
        Assert.DoesNotContain("rel=\"next\"", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_page_of_the_events_links_to_no_other_page()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);
        var writer = dashboard.Fixture.Service.Services.GetRequiredService<HistoryWriter>();
        foreach (var number in Enumerable.Range(0, 100))
        {
            await writer.WriteAsync(EventEntries.From(SampleEvents.Create("RunCompleted", id: string.Create(CultureInfo.InvariantCulture, $"run-{number}")), TimeProvider.System.GetUtcNow()), Token);
        }

        var first = await dashboard.ReadAsync("/events?type=RunCompleted", Token);
        var second = await dashboard.ReadAsync(WebUtility.HtmlDecode(first.Split("rel=\"next\" href=\"")[1].Split('"')[0]), Token);

        Assert.Contains("/events/", second, StringComparison.Ordinal);
        Assert.DoesNotContain("rel=\"next\"", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_operations_of_users_are_on_the_next_pages_of_the_audit()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);
        var audit = dashboard.Fixture.Service.Services.GetRequiredService<AuditLog>();
        var targets = Enumerable.Range(0, 200).Select(number => string.Create(CultureInfo.InvariantCulture, $"target-{number:000}")).ToList();
        foreach (var target in targets)
        {
            await audit.BeginAsync("ann", "retry", target, Token);
        }

        var first = await dashboard.ReadAsync("/audit", Token);
        var second = await dashboard.ReadAsync(WebUtility.HtmlDecode(first.Split("rel=\"next\" href=\"")[1].Split('"')[0]), Token);

        Assert.Equal(targets.Skip(100), targets.Where(target => first.Contains(target, StringComparison.Ordinal)));
        Assert.Equal(targets.Take(100), targets.Where(target => second.Contains(target, StringComparison.Ordinal)));
        Assert.DoesNotContain("rel=\"next\"", second, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("open", "busy")]
    [InlineData("failed", "bad")]
    public async Task A_status_has_the_colour_of_its_meaning(string status, string colour)
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);

        var styles = await dashboard.ReadAsync("/assets/0/dashboard.css", Token);

        var rule = Assert.Single(styles.Split('\n'), line => line.Contains($".status.{status}", StringComparison.Ordinal));
        Assert.Contains($"var(--{colour})", rule, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_pages_are_rendered_before_the_service_is_ready()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        dashboard.Fixture.Service.Expected = log => log.Category?.Contains("HealthCheck", StringComparison.Ordinal) == true;

        await dashboard.UntilAsync("/readyz", _ => true, Token);

        Assert.Contains("the pages are ready", await dashboard.ReadAsync("/health", Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5104")]
    [InlineData("https://mlevents.example.com")]
    public async Task The_first_pages_are_also_rendered_in_advance_if_users_must_sign_in(string address)
    {
        await using var dashboard = new DashboardFixture("Production");
        dashboard.Fixture.Settings["Dashboard:PublicAddress"] = address;
        await dashboard.Fixture.StartServiceAsync(Token);
        dashboard.Fixture.Service.Expected = log => log.Category?.Contains("HealthCheck", StringComparison.Ordinal) == true;

        var health = await Poll.UntilAsync(ReadHealthAsync, text => !text.Contains("are being rendered", StringComparison.Ordinal), Token);

        Assert.Contains("the pages are ready", health, StringComparison.Ordinal);

        async Task<string> ReadHealthAsync(CancellationToken token)
        {
            using var response = await dashboard.Fixture.Service.Client.GetAsync(new Uri("/health", UriKind.Relative), token);
            return await response.Content.ReadAsStringAsync(token);
        }
    }

    [Fact]
    public async Task Messages_wait_and_pages_answer_503_until_the_host_lets_the_dashboard_begin()
    {
        var start = new DashboardStart();
        await using var dashboard = new DashboardFixture { Services = services => services.AddSingleton(start) };
        await dashboard.StartAsync(Token);
        await dashboard.Fixture.PublishAsync(SampleEvents.Create("RunCompleted", id: "early"), Token);
        using var response = await dashboard.Fixture.Service.Client.GetAsync(new Uri("/events", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.False(File.Exists(dashboard.Fixture.Settings["History:File"]));

        start.Begin();

        await dashboard.UntilAsync("/events", page => page.Contains("RunCompleted", StringComparison.Ordinal), Token);
    }

    [Fact]
    public async Task The_page_of_a_model_compares_metrics_and_drift_of_its_versions()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.PublishAsync(SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "1", "modelTags": {"auc": "0.81", "stage": "production"}}""", "models/churn:1", "model-1", "2026-10-01T10:00:00Z"), Token);
        await dashboard.PublishAsync(SampleEvents.Create("DatasetDriftDetected", """{"dataDriftName": "churn-drift", "driftCoefficient": 0.41}""", "datadrift/churn", "drift-1", "2026-11-01T10:00:00Z"), Token);
        await dashboard.PublishAsync(SampleEvents.Create("RunCompleted", """{"runTags": {"mlevents.correlation": "drift-1", "mlevents.depth": "3"}, "runProperties": {"recall": "0.7"}}""", "runs/1", "run-1", "2026-11-01T10:30:00Z"), Token);
        await dashboard.PublishAsync(SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "2", "modelTags": {"mlevents.correlation": "drift-1", "auc": "0.84"}}""", "models/churn:2", "model-2", "2026-11-01T11:00:00Z"), Token);
        await dashboard.PublishAsync(SampleEvents.Create("DatasetDriftDetected", """{"dataDriftName": "churn-drift", "driftCoefficient": 0.12}""", "datadrift/churn", "drift-2", "2026-11-08T10:00:00Z"), Token);

        var page = await dashboard.ReadAsync("/model?name=churn", Token);

        Assert.All(["Effect of the retraining", ">0.41</a>", ">0.12</a>", "0.84 (&#x2B;0.03)", "recall", ">0.7<"], text => Assert.Contains(text, page, StringComparison.Ordinal));
        Assert.DoesNotContain("mlevents.depth", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data=runStatus", "is not a condition on the data")]
    [InlineData("from=yesterday", "must be dates with a time")]
    public async Task The_error_for_an_invalid_search_says_what_to_write(string query, string message)
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);

        Assert.Contains(message, await dashboard.UntilAsync($"/events?{query}", _ => true, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_page_is_notified_of_a_change()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);
        using var stream = await dashboard.Fixture.Service.Client.GetStreamAsync(new Uri("/live", UriKind.Relative), Token);
        using var reader = new StreamReader(stream);
        Assert.Equal("event: changed", await reader.ReadLineAsync(Token));

        await dashboard.PublishAsync(SampleEvents.Create("RunCompleted"), Token);

        for (string? line = ""; line != "event: changed";)
        {
            line = await reader.ReadLineAsync(Token);
            Assert.NotNull(line);
        }
    }
}
