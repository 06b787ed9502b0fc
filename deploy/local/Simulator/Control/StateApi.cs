using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Smtp;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Control;

/// <summary>An event subscription with its counters.</summary>
/// <param name="Name">The name of the subscription.</param>
/// <param name="State">The provisioning state of the subscription.</param>
/// <param name="Endpoint">The webhook's address, without the query.</param>
/// <param name="CloudEvents">Whether the subscription delivers CloudEvents.</param>
/// <param name="Deliveries">The counters.</param>
internal sealed record SubscriptionView(string Name, string State, string Endpoint, bool CloudEvents, DeliveryCount Deliveries);

/// <summary>The port of the SMTP inbox and the resources of the simulator. Batch endpoints, pipelines and the models of registries are not included.</summary>
/// <param name="SmtpPort">The port of the SMTP inbox.</param>
/// <param name="Workspace">The ARM id of the first workspace.</param>
/// <param name="Factory">The data factory's ARM id.</param>
/// <param name="Jobs">The jobs of each workspace, oldest first.</param>
/// <param name="Models">Model versions.</param>
/// <param name="Endpoints">Online endpoints with their traffic.</param>
/// <param name="Deployments">The deployments of the online endpoints.</param>
/// <param name="AutoscaleSettings">Autoscale settings of deployments.</param>
/// <param name="FactoryRuns">Data Factory runs.</param>
/// <param name="Subscriptions">Event subscriptions.</param>
internal sealed record SimulatorState(
    int SmtpPort,
    string Workspace,
    string Factory,
    IReadOnlyList<JsonObject> Jobs,
    IReadOnlyList<JsonObject> Models,
    IReadOnlyList<JsonObject> Endpoints,
    IReadOnlyList<JsonObject> Deployments,
    IReadOnlyList<JsonObject> AutoscaleSettings,
    IReadOnlyList<JsonObject> FactoryRuns,
    IReadOnlyList<SubscriptionView> Subscriptions);

/// <summary>A page of the timeline.</summary>
/// <param name="Last">The number of the last entry, or <c>after</c> if there are no entries. Pass it as <c>after</c> to read the next page.</param>
/// <param name="Entries">The entries.</param>
internal sealed record TimelinePage(long Last, IReadOnlyList<TimelineEntry> Entries);

/// <summary>The counted calls.</summary>
/// <param name="Operations">Counts per operation.</param>
/// <param name="Recent">The last calls, oldest first.</param>
internal sealed record CallsView(IReadOnlyDictionary<string, CallCount> Operations, IReadOnlyList<Call> Recent);

/// <summary>Shows the state of the simulator.</summary>
internal static class StateApi
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    /// <summary>Maps the routes.</summary>
    public static void MapState(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/state", GetState);
        routes.MapGet("/timeline", GetTimelineAsync);
        routes.MapGet("/endpoint-changes", (EndpointChanges changes) => TypedResults.Ok(changes.List()));
        routes.MapGet("/calls", (CallLog calls) => TypedResults.Ok(new CallsView(calls.Count(), calls.List())));
        routes.MapGet("/dead-letters", (string? subscription, DeadLetters letters) => TypedResults.Ok(letters.List(subscription)));
        routes.MapHealthChecks("/healthz");
    }

    private static Ok<SimulatorState> GetState(ArmScope scope, ResourceStore store, SubscriptionStore subscriptions, SmtpEndpoint smtp)
    {
        var endpoints = scope.Workspaces.SelectMany(workspace => store.List(workspace + "/onlineEndpoints")).ToList();
        return TypedResults.Ok(new SimulatorState(
            smtp.Port,
            scope.Workspace,
            scope.Factory,
            [.. scope.Workspaces.SelectMany(workspace => store.List(workspace + "/jobs"))],
            [.. scope.Workspaces.SelectMany(workspace => store.List(workspace + "/models")).SelectMany(model => store.List(model.Text("id") + "/versions"))],
            endpoints,
            [.. endpoints.SelectMany(endpoint => store.List(endpoint.Text("id") + "/deployments"))],
            store.List(scope.AutoscaleSettings),
            store.List(scope.Factory + "/pipelineruns"),
            [.. subscriptions.All.Select(View)]));
    }

    private static SubscriptionView View(EventSubscription subscription) => new(
        subscription.Name, subscription.State, subscription.Settings.Endpoint.GetLeftPart(UriPartial.Path), subscription.Settings.CloudEvents, subscription.Count);

    private static async Task<Results<Ok<TimelinePage>, ProblemHttpResult>> GetTimelineAsync(long? after, string? wait, Timeline timeline, BackgroundWork work, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.Zero;
        if (wait is not null && (!Durations.TryParse(wait, out limit) || limit > MaxWait))
        {
            return TypedResults.Problem("'wait' must be a duration of at most 2m, such as 10s.", statusCode: StatusCodes.Status400BadRequest);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, work.Stopping);
        var entries = await timeline.AfterAsync(after ?? 0, limit, either.Token);
        return TypedResults.Ok(new TimelinePage(entries.Count > 0 ? entries[^1].Number : after ?? 0, entries));
    }
}
