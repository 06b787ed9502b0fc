using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Event Grid's control plane for event subscriptions of the workspace. <see cref="ArmVersions.EventGrid"/> lists the api-versions.</summary>
internal static partial class EventSubscriptionsApi
{
    private const string Extension = ArmRoutes.Workspace + "/providers/Microsoft.EventGrid";

    /// <summary>Maps the routes.</summary>
    public static void MapEventSubscriptions(this IEndpointRouteBuilder routes)
    {
        var subscriptions = routes.MapArm(Extension + "/eventSubscriptions", ArmVersions.EventGrid);
        subscriptions.MapGet("", List).WithOperation("EventSubscriptions_ListByResource");
        subscriptions.MapGet("/{name}", Get).WithOperation("EventSubscriptions_Get");
        subscriptions.MapPut("/{name}", PutAsync).WithOperation("EventSubscriptions_CreateOrUpdate");
        subscriptions.MapPatch("/{name}", PatchAsync).WithOperation("EventSubscriptions_Update");
        subscriptions.MapDelete("/{name}", Delete).WithOperation("EventSubscriptions_Delete");
        subscriptions.MapPost("/{name}/getFullUrl", GetFullUrl).WithOperation("EventSubscriptions_GetFullUrl");
        subscriptions.MapPost("/{name}/getDeliveryAttributes", GetDeliveryAttributes).WithOperation("EventSubscriptions_GetDeliveryAttributes");
        routes.MapGet("/eventsubscriptions/{name}/validate", Validate);
        routes.MapPost("/eventsubscriptions/{name}/validate", Validate);
    }

    private static ArmReply List(ArmRequest request, SubscriptionStore subscriptions, ArmScope scope, Paging paging) =>
        paging.Page(request, subscriptions.All.Select(subscription => subscription.ToResource(scope.Workspace)));

    private static ArmReply Get(ArmRequest request, SubscriptionStore subscriptions, ArmScope scope) => ArmReply.Ok(Found(request, subscriptions).ToResource(scope.Workspace));

    private static async Task<ArmReply> PutAsync(ArmRequest request, SubscriptionControl control)
    {
        if (!SubscriptionName().IsMatch(request["name"]))
        {
            throw ArmRefusal.BadContent("The name of an event subscription must have 3 to 64 characters: letters, digits and hyphens.", "name");
        }

        var body = await request.BodyAsync();
        return control.Put(request, body.Map("properties"));
    }

    private static async Task<ArmReply> PatchAsync(ArmRequest request, SubscriptionStore subscriptions, SubscriptionControl control)
    {
        var properties = Found(request, subscriptions).FullProperties();
        properties.CopyFrom(await request.BodyAsync(), "destination", "filter", "labels", "eventDeliverySchema", "retryPolicy", "deadLetterDestination", "expirationTimeUtc");
        return control.Put(request, properties);
    }

    private static ArmReply Delete(ArmRequest request, SubscriptionControl control) => control.Delete(request);

    private static ArmReply GetFullUrl(ArmRequest request, SubscriptionStore subscriptions) =>
        ArmReply.Ok(new JsonObject { ["endpointUrl"] = Found(request, subscriptions).Settings.Endpoint.OriginalString });

    private static ArmReply GetDeliveryAttributes(ArmRequest request, SubscriptionStore subscriptions)
    {
        var mappings = Found(request, subscriptions).Settings.Attributes
            .Select(attribute => new JsonObject { ["name"] = attribute.Name, ["type"] = attribute.Path is null ? "Static" : "Dynamic" });
        return ArmReply.Ok(new JsonObject { ["value"] = new JsonArray([.. mappings]) });
    }

    private static Results<ContentHttpResult, ProblemHttpResult> Validate(string name, string? token, SubscriptionStore subscriptions, Handshake handshake)
    {
        var confirmed = Guid.TryParse(token, CultureInfo.InvariantCulture, out var code) && subscriptions.Find(name) is { } subscription && handshake.Confirm(subscription, code);
        return confirmed
            ? TypedResults.Text("Webhook successfully validated as a subscription endpoint")
            : TypedResults.Problem("No subscription is waiting for this validation.", statusCode: StatusCodes.Status400BadRequest);
    }

    private static EventSubscription Found(ArmRequest request, SubscriptionStore subscriptions) => subscriptions.Find(request["name"]) ?? throw ArmRefusal.NotFound(request.Path);

    [GeneratedRegex(@"^[a-zA-Z0-9-]{3,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubscriptionName();
}
