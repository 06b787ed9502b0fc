using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Event Grid's control plane for subscriptions of the workspace, api-version 2022-06-15 and later.</summary>
internal static partial class EventSubscriptionsApi
{
    private const string Extension = ArmRoutes.Workspace + "/providers/Microsoft.EventGrid";

    /// <summary>Maps the routes.</summary>
    public static void MapEventSubscriptions(this IEndpointRouteBuilder routes)
    {
        var subscriptions = routes.MapArm(Extension + "/eventSubscriptions", ArmVersions.EventGrid);
        subscriptions.MapGet("", List).Is("EventSubscriptions_ListByResource");
        subscriptions.MapGet("/{name}", Get).Is("EventSubscriptions_Get");
        subscriptions.MapPut("/{name}", PutAsync).Is("EventSubscriptions_CreateOrUpdate");
        subscriptions.MapPatch("/{name}", PatchAsync).Is("EventSubscriptions_Update");
        subscriptions.MapDelete("/{name}", Delete).Is("EventSubscriptions_Delete");
        subscriptions.MapPost("/{name}/getFullUrl", GetFullUrl).Is("EventSubscriptions_GetFullUrl");
        subscriptions.MapPost("/{name}/getDeliveryAttributes", GetDeliveryAttributes).Is("EventSubscriptions_GetDeliveryAttributes");
        routes.MapArm(Extension, ArmVersions.EventGrid).MapGet("/extensionTopics/default", GetTopic).Is("ExtensionTopics_Get");
        routes.MapArm("/providers/Microsoft.EventGrid/topicTypes", ArmVersions.EventGrid).MapGet("/{type}/eventTypes", ListTypes).Is("TopicTypes_ListEventTypes");
        routes.MapGet("/eventsubscriptions/{name}/validate", Validate);
        routes.MapPost("/eventsubscriptions/{name}/validate", Validate);
    }

    private static ArmReply List(ArmRequest request, SubscriptionStore book, ArmScope scope, Paging paging) =>
        paging.Page(request, book.All.Select(subscription => subscription.ToResource(scope.Workspace)));

    private static ArmReply Get(ArmRequest request, SubscriptionStore book, ArmScope scope) => ArmReply.Ok(Found(request, book).ToResource(scope.Workspace));

    private static async Task<ArmReply> PutAsync(ArmRequest request, SubscriptionControl control)
    {
        if (!SubscriptionName().IsMatch(request["name"]))
        {
            throw ArmRefusal.BadContent("The name of an event subscription has 3 to 64 letters, digits and hyphens.", "name");
        }

        var body = await request.BodyAsync();
        return control.Put(request, body.Map("properties"));
    }

    private static async Task<ArmReply> PatchAsync(ArmRequest request, SubscriptionStore book, SubscriptionControl control)
    {
        var properties = Found(request, book).FullProperties();
        properties.TakeFrom(await request.BodyAsync(), "destination", "filter", "labels", "eventDeliverySchema", "retryPolicy", "deadLetterDestination", "expirationTimeUtc");
        return control.Put(request, properties);
    }

    private static ArmReply Delete(ArmRequest request, SubscriptionControl control) => control.Delete(request);

    private static ArmReply GetFullUrl(ArmRequest request, SubscriptionStore book) =>
        ArmReply.Ok(new JsonObject { ["endpointUrl"] = Found(request, book).Settings.Endpoint.OriginalString });

    private static ArmReply GetDeliveryAttributes(ArmRequest request, SubscriptionStore book)
    {
        var mappings = Found(request, book).Settings.Attributes
            .Select(attribute => new JsonObject { ["name"] = attribute.Name, ["type"] = attribute.Path is null ? "Static" : "Dynamic" });
        return ArmReply.Ok(new JsonObject { ["value"] = new JsonArray([.. mappings]) });
    }

    private static ArmReply GetTopic(ArmRequest request, ArmScope scope)
    {
        var id = scope.Workspace + "/providers/Microsoft.EventGrid/extensionTopics/default";
        var properties = new JsonObject { ["description"] = $"Extension topic for {scope.Workspace} that can be used to obtain metrics", ["systemTopic"] = null };
        return ArmReply.Ok(new JsonObject { ["id"] = id, ["name"] = "default", ["type"] = "Microsoft.EventGrid/extensionTopics", ["properties"] = properties });
    }

    private static ArmReply ListTypes(ArmRequest request)
    {
        var types = SubscriptionSettings.EventTypes.Select(name => new JsonObject
        {
            ["id"] = $"providers/Microsoft.EventGrid/topicTypes/{request["type"]}/eventTypes/{name}",
            ["name"] = name,
            ["type"] = "Microsoft.EventGrid/topicTypes/eventTypes",
            ["properties"] = new JsonObject { ["displayName"] = name[(name.LastIndexOf('.') + 1)..], ["description"] = "", ["schemaUrl"] = "tbd" },
        });
        return ArmReply.Ok(new JsonObject { ["value"] = new JsonArray([.. types]) });
    }

    private static IResult Validate(string name, string? token, SubscriptionStore book, Handshake handshake)
    {
        var confirmed = Guid.TryParse(token, CultureInfo.InvariantCulture, out var code) && book.Find(name) is { } subscription && handshake.Confirm(subscription, code);
        return confirmed
            ? TypedResults.Text("Webhook successfully validated as a subscription endpoint")
            : TypedResults.Problem("No subscription awaits this validation.", statusCode: StatusCodes.Status400BadRequest);
    }

    private static EventSubscription Found(ArmRequest request, SubscriptionStore book) => book.Find(request["name"]) ?? throw ArmRefusal.NotFound(request.Path);

    [GeneratedRegex(@"^[a-zA-Z0-9-]{3,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubscriptionName();
}
