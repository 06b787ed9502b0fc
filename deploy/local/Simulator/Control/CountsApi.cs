using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.Messages;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Control;

/// <summary>The resources created by one action.</summary>
/// <param name="Action">The action's id.</param>
/// <param name="Names">The names of the resources, oldest first: <c>endpoint/deployment</c> for deployments, ids for factory runs.</param>
internal sealed record ActionResources(string Action, IReadOnlyList<string> Names);

/// <summary>The mails of one action.</summary>
/// <param name="Action">The action's id.</param>
/// <param name="Count">The number.</param>
internal sealed record ActionMailCount(string Action, int Count);

/// <summary>The calls of one webhook.</summary>
/// <param name="Name">The hook's name.</param>
/// <param name="Count">The number.</param>
internal sealed record HookCallCount(string Name, int Count);

/// <summary>Counts of resources and messages. The totals include resources and messages that no action created.</summary>
/// <param name="Jobs">All jobs of all workspaces.</param>
/// <param name="JobsByAction">The jobs by action. A tag of the job names the action.</param>
/// <param name="FactoryRuns">All factory runs.</param>
/// <param name="FactoryRunsByAction">The factory runs by action. A parameter of the run names the action.</param>
/// <param name="Deployments">All online deployments of all workspaces.</param>
/// <param name="DeploymentsByAction">The deployments by action. A tag of the deployment names the action.</param>
/// <param name="Models">All model versions of all workspaces.</param>
/// <param name="Mails">All mails in the inbox.</param>
/// <param name="MailsByAction">The number of mails by action. A header of the mail names the action.</param>
/// <param name="MailsDropped">Mails removed to make room. If this number is not 0, the counts of mails are too low.</param>
/// <param name="Hooks">All webhook calls in the inbox.</param>
/// <param name="HooksByName">Webhook calls by the hook's name.</param>
/// <param name="HooksDropped">Webhook calls removed to make room.</param>
/// <param name="PendingDeliveries">Events that are neither delivered nor dead-lettered nor dropped.</param>
/// <param name="DeadLetters">Dead-lettered events.</param>
internal sealed record Counts(
    int Jobs,
    IReadOnlyList<ActionResources> JobsByAction,
    int FactoryRuns,
    IReadOnlyList<ActionResources> FactoryRunsByAction,
    int Deployments,
    IReadOnlyList<ActionResources> DeploymentsByAction,
    int Models,
    int Mails,
    IReadOnlyList<ActionMailCount> MailsByAction,
    int MailsDropped,
    int Hooks,
    IReadOnlyList<HookCallCount> HooksByName,
    int HooksDropped,
    int PendingDeliveries,
    int DeadLetters);

/// <summary>Counts resources and messages. The call is cheap enough for polling.</summary>
internal static class CountsApi
{
    /// <summary>Maps the route.</summary>
    public static void MapCounts(this IEndpointRouteBuilder routes) => routes.MapGet("/counts", GetCounts);

    private static Ok<Counts> GetCounts(
        ArmScope scope, ResourceStore store, Inbox inbox, SubscriptionStore subscriptions, DeadLetters letters, IOptions<SimulatorOptions> options)
    {
        var settings = options.Value;
        var jobs = scope.Workspaces.SelectMany(workspace => store.Select(workspace + "/jobs", job => (job.Text("properties", "tags", settings.ActionTag), Name(job)))).ToList();
        var runs = store.Select(scope.Factory + "/pipelineruns", run => (run.Text("parameters", settings.ActionParameter), run.Text("runId") ?? ""));
        var deployments = scope.Workspaces.SelectMany(workspace => Names(store, workspace + "/onlineEndpoints")
            .SelectMany(endpoint => store.Select($"{workspace}/onlineEndpoints/{endpoint}/deployments", found => (found.Text("tags", settings.ActionTag), $"{endpoint}/{Name(found)}"))))
            .ToList();
        var (mails, hooks, dropped) = (inbox.Mails(), inbox.Hooks(), inbox.Dropped);
        return TypedResults.Ok(new Counts(
            jobs.Count,
            ByAction(jobs),
            runs.Count,
            ByAction(runs),
            deployments.Count,
            ByAction(deployments),
            scope.Workspaces.Sum(workspace => Names(store, workspace + "/models").Sum(model => Names(store, $"{workspace}/models/{model}/versions").Count)),
            mails.Count,
            [.. mails.Select(mail => mail.Headers.GetValueOrDefault(settings.ActionHeader)).OfType<string>().CountBy(action => action, StringComparer.Ordinal).Select(pair => new ActionMailCount(pair.Key, pair.Value))],
            dropped.Mails,
            hooks.Count,
            [.. hooks.CountBy(hook => hook.Name, StringComparer.Ordinal).Select(pair => new HookCallCount(pair.Key, pair.Value))],
            dropped.Hooks,
            subscriptions.All.Sum(subscription => subscription.Count.Pending),
            letters.Count()));
    }

    private static string Name(JsonObject resource) => resource.Text("name") ?? "";

    private static IReadOnlyList<string> Names(ResourceStore store, string collection) => store.Select(collection, Name);

    private static IReadOnlyList<ActionResources> ByAction(IEnumerable<(string? Action, string Name)> made) =>
        [.. made.Where(item => item.Action is not null).GroupBy(item => item.Action ?? "", item => item.Name, StringComparer.Ordinal).Select(group => new ActionResources(group.Key, [.. group]))];
}
