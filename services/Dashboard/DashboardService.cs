using Microsoft.Extensions.DependencyInjection.Extensions;

using MLEvents.Dashboard.Access;
using MLEvents.Dashboard.Approvals;
using MLEvents.Dashboard.Bulk;
using MLEvents.Dashboard.Chains;
using MLEvents.Dashboard.Explaining;
using MLEvents.Dashboard.Health;
using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Dashboard.Rebuilding;
using MLEvents.Dashboard.Recording;
using MLEvents.Dashboard.Site;
using MLEvents.Events;
using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard;

/// <summary>Stores the events and the activity of the services, and shows both. No other service depends on it.</summary>
public static class DashboardService
{
    private static readonly string[] EventTopics =
    [
        Topics.ModelRegistered, Topics.ModelDeployed, Topics.RunCompleted, Topics.RunStatusChanged, Topics.DatasetDriftDetected, Topics.OtherEvents,
    ];

    /// <summary>Builds the service, not yet started.</summary>
    /// <param name="args">Command-line arguments.</param>
    /// <param name="configure">Runs before the service's own registrations; tests and the local host set ports and settings here.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceBuilder.Create(args);
        configure?.Invoke(builder);

        builder.AddServiceDefaults(callsSidecar: false);
        builder.Services.UseGeneratedJson(DashboardJson.Default);
        builder.Services.AddOptionsWithValidateOnStart<DashboardOptions, DashboardOptionsValidator>().BindConfiguration(DashboardOptions.Section);
        builder.Services.TryAddSingleton(BeginAtOnce());
        builder.Services.AddHistory();
        builder.Services.AddSingleton<RecordEvent>();
        builder.Services.AddSingleton<RecordActivity>();
        builder.Services.AddSingleton<RecordApproval>();
        builder.Services.AddAccess(builder.Configuration);
        builder.Services.AddOperating();
        builder.Services.AddApprovals();
        builder.Services.AddBulk();
        builder.Services.AddHealthWatch();
        builder.Services.AddExplaining();
        builder.Services.AddRebuilding();
        builder.Services.AddSite();
        builder.Services.WithoutEarlyKeys();

        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapRecording();
        app.MapExplanations();
        app.MapActionHistory();
        app.MapSite();
        return app;
    }

    private static DashboardStart BeginAtOnce()
    {
        var start = new DashboardStart();
        start.Begin();
        return start;
    }

    private static void MapRecording(this WebApplication app)
    {
        foreach (var topic in EventTopics)
        {
            app.MapTopic<RecordEvent>(topic);
        }

        app.MapTopic<RecordActivity>(Topics.WorkflowActivity);
        app.MapTopic<RecordApproval>(Topics.Approvals);
    }

    private static void MapSite(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseDatabaseNotReady();
        app.UseAuthentication();
        app.UseLocalUser();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseFormRefusal();

        var pages = app.MapGroup("").RequireAuthorization();
        Asset.Map(pages);
        LiveUpdates.Map(pages);
        SignIn.MapSignIn(pages);
        pages.MapOperationsForms();
        pages.MapApprovalForms();
        pages.MapBulkForms();
        pages.MapChainExports();
        pages.MapRazorComponents<App>();
    }
}
