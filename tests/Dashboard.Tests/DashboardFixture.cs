using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests;

/// <summary>The dashboard with its sidecar and broker. The default environment is Development.</summary>
internal sealed class DashboardFixture : IAsyncDisposable
{
    private readonly string _environment;

    public DashboardFixture(string environment = "Development")
    {
        _environment = environment;
        Fixture = new ServiceFixture("dashboard", Create);
        Fixture.Settings["History:File"] = Path.Combine(Fixture.Folder.Path, "dashboard.db");
        Fixture.Settings["Dashboard:HealthInterval"] = "00:00:00.200";

        // Outside Development, a service starts only with APP_API_TOKEN or with this setting.
        Fixture.Settings["Sidecar:NetworkProtected"] = environment == "Development" ? "false" : "true";
        foreach (var service in (string[])["ingress", "notifier", "retrainer", "deployer"])
        {
            Fixture.Settings[$"Dashboard:Services:{service}"] = $"http://127.0.0.1:{FreePort.Next()}";
        }
    }

    public ServiceFixture Fixture { get; }

    /// <summary>Adds registrations to the dashboard's service collection before the dashboard adds its own.</summary>
    public Action<IServiceCollection>? Services { get; set; }

    public Uri Address => Fixture.Service.Client.BaseAddress ?? throw new InvalidOperationException("The dashboard is not started.");

    public Task StartAsync(CancellationToken cancellationToken) => Fixture.StartAsync(cancellationToken);

    /// <summary>Publishes an event, and waits until it has a page.</summary>
    /// <returns>The path of the page.</returns>
    public async Task<string> PublishAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        await Fixture.PublishAsync(workflowEvent, cancellationToken);
        var page = $"/events/{Dashboard.History.EventKey.From(workflowEvent.Source, workflowEvent.Id)}";
        await UntilAsync(page, _ => true, cancellationToken);
        return page;
    }

    /// <summary>Publishes a change of an action, by default of the retrainer.</summary>
    public async Task ChangeAsync(string action, string status, WorkflowEvent cause, CancellationToken cancellationToken, string detail = "", int attempt = 1, string service = "retrainer", int generation = 0, string rule = "churn", string stage = "")
    {
        var changed = new ActionChanged(service, rule, action, status, stage, attempt, Correlation.IdOf(cause), EventReference.To(cause), detail, new Dictionary<string, Uri> { ["studio"] = new("https://ml.azure.com/") }) { Generation = generation };
        await Fixture.Dapr.PublishEventAsync(Topics.PubSub, Topics.WorkflowActivity, Envelope(changed, $"{action}-{generation}-{status}-{stage}-{attempt}", EventTypes.ActionChanged, service), cancellationToken);
    }

    /// <summary>Publishes a question of the deployer about a generation of an action.</summary>
    public Task AskAsync(string action, WorkflowEvent cause, CancellationToken cancellationToken, TimeSpan? expiresIn = null, int generation = 1)
    {
        var now = TimeProvider.System.GetUtcNow();
        var evidence = new Dictionary<string, string> { ["endpoint"] = "churn-scoring", ["result"] = "the sample request passed", ["model"] = "churn:12", ["traffic after the first step"] = "blue 90%, green 10%" };
        var asked = new ApprovalRequested(
            "deployer", "churn-rollout", action, generation, Correlation.IdOf(cause), EventReference.To(cause), ["ml-leads@example.com"], "traffic", evidence,
            now + (expiresIn ?? TimeSpan.FromHours(1)), "reject", 1, new Dictionary<string, Uri> { ["studio"] = new("https://ml.azure.com/") });
        return Fixture.Dapr.PublishEventAsync(Topics.PubSub, Topics.Approvals, Envelope(asked, $"{action}-{generation}-approval", EventTypes.ApprovalRequested, "deployer"), cancellationToken);
    }

    /// <summary>Publishes a decision that settles a question of the deployer.</summary>
    public Task DecideAsync(string action, int generation, string decision, WorkflowEvent cause, CancellationToken cancellationToken)
    {
        var decided = new ApprovalDecided("deployer", "churn-rollout", action, generation, Correlation.IdOf(cause), EventReference.To(cause), decision, "ann@example.com", "not yet", TimeProvider.System.GetUtcNow(), true);
        return Fixture.Dapr.PublishEventAsync(Topics.PubSub, Topics.WorkflowActivity, Envelope(decided, $"{action}-{generation}-decision-1", EventTypes.ApprovalDecided, "deployer"), cancellationToken);
    }

    /// <summary>Publishes the event with which the notifier reports a loaded version of its rules.</summary>
    public Task LoadAsync(string version, string rules, CancellationToken cancellationToken)
    {
        var loaded = new RulesLoaded("notifier", version, new Dictionary<string, string> { ["alerts.yaml"] = rules });
        return Fixture.Dapr.PublishEventAsync(Topics.PubSub, Topics.WorkflowActivity, Envelope(loaded, $"notifier-rules-{version}", EventTypes.RulesLoaded, "notifier"), cancellationToken);
    }

    /// <summary>Reads the text of a page.</summary>
    public Task<string> ReadAsync(string path, CancellationToken cancellationToken) => Fixture.Service.Client.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);

    /// <summary>Reads a page until it answers 200 and its text meets a condition.</summary>
    public async Task<string> UntilAsync(string path, Func<string, bool> isExpected, CancellationToken cancellationToken) => (await Poll.UntilAsync(
        async token =>
        {
            using var response = await Fixture.Service.Client.GetAsync(new Uri(path, UriKind.Relative), token);
            return new PageResponse(response.StatusCode, await response.Content.ReadAsStringAsync(token));
        },
        page => page.Status == HttpStatusCode.OK && isExpected(page.Text),
        cancellationToken)).Text;

    /// <summary>Posts fields to a path with the antiforgery token of a page, as a browser does.</summary>
    public async Task<HttpResponseMessage> PostAsync(string page, string path, CancellationToken cancellationToken, params (string Name, string Value)[] fields)
    {
        using var form = AntiforgeryForm.CreateFor(await ReadAsync(page, cancellationToken), fields);
        return await Fixture.Service.Client.PostAsync(new Uri(path, UriKind.Relative), form, cancellationToken);
    }

    public ValueTask DisposeAsync() => Fixture.DisposeAsync();

    private static Dapr.CloudEvent<T> Envelope<T>(T data, string id, string type, string service) => new(data)
    {
        Id = id,
        SpecVersion = "1.0",
        Source = new Uri($"/mlevents/{service}", UriKind.Relative),
        Type = type,
        Time = TimeProvider.System.GetUtcNow(),
    };

    private WebApplication Create(Action<WebApplicationBuilder> configure) => DashboardService.Create(["--environment", _environment], builder =>
    {
        configure(builder);
        Services?.Invoke(builder.Services);
    });

    private readonly record struct PageResponse(HttpStatusCode Status, string Text);
}
