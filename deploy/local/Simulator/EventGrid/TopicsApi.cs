using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Topic types, event types, and the topics of the workspace.</summary>
internal static class TopicsApi
{
    private const string TopicType = "Microsoft.MachineLearningServices.Workspaces";
    private const string Provider = "/providers/Microsoft.EventGrid";

    /// <summary>Maps the routes.</summary>
    public static void MapTopics(this IEndpointRouteBuilder routes)
    {
        routes.MapArm(ArmRoutes.Workspace + Provider, ArmVersions.EventGrid).MapGet("/extensionTopics/default", GetExtensionTopic).WithOperation("ExtensionTopics_Get");

        var types = routes.MapArm(Provider + "/topicTypes", ArmVersions.EventGrid);
        types.MapGet("", (ArmRequest request, Paging paging, ArmScope scope) => paging.Page(request, [NewTopicType(scope)])).WithOperation("TopicTypes_List");
        types.MapGet("/{type}", GetTopicType).WithOperation("TopicTypes_Get");
        types.MapGet("/{type}/eventTypes", ListEventTypes).WithOperation("TopicTypes_ListEventTypes");

        var subscription = routes.MapArm("/subscriptions/{subscription}", ArmVersions.EventGrid);
        subscription.MapGet(Provider + "/systemTopics", ListSystemTopics).WithOperation("SystemTopics_ListBySubscription");
        subscription.MapGet("/resourceGroups/{group}" + Provider + "/systemTopics", ListSystemTopics).WithOperation("SystemTopics_ListByResourceGroup");
        subscription.MapGet("/resourceGroups/{group}" + Provider + "/systemTopics/{topic}", GetSystemTopic).WithOperation("SystemTopics_Get");
    }

    private static ArmReply GetExtensionTopic(ArmRequest request, ArmScope scope, SubscriptionStore subscriptions)
    {
        var id = $"{scope.Workspace}{Provider}/extensionTopics/default";
        var topic = SystemTopics(scope, subscriptions).Select(found => (string?)found["id"]).FirstOrDefault();
        var properties = new JsonObject { ["description"] = $"Extension topic for {scope.Workspace} that can be used to obtain metrics", ["systemTopic"] = topic };
        return ArmReply.Ok(new JsonObject { ["id"] = id, ["name"] = "default", ["type"] = "Microsoft.EventGrid/extensionTopics", ["properties"] = properties });
    }

    private static ArmReply GetTopicType(ArmRequest request, ArmScope scope)
    {
        RequireTopicType(request);
        return ArmReply.Ok(NewTopicType(scope));
    }

    private static ArmReply ListEventTypes(ArmRequest request)
    {
        RequireTopicType(request);
        var types = SubscriptionSettings.EventTypes.Select(name => new JsonObject
        {
            ["id"] = $"providers/Microsoft.EventGrid/topicTypes/{TopicType}/eventTypes/{name}",
            ["name"] = name,
            ["type"] = "Microsoft.EventGrid/topicTypes/eventTypes",
            ["properties"] = new JsonObject { ["displayName"] = name[(name.LastIndexOf('.') + 1)..], ["description"] = "", ["schemaUrl"] = "tbd" },
        });
        return ArmReply.Ok(new JsonObject { ["value"] = new JsonArray([.. types]) });
    }

    private static ArmReply ListSystemTopics(ArmRequest request, ArmScope scope, SubscriptionStore subscriptions, Paging paging) =>
        paging.Page(request, SystemTopics(scope, subscriptions));

    private static ArmReply GetSystemTopic(ArmRequest request, ArmScope scope, SubscriptionStore subscriptions) =>
        ArmReply.Ok(SystemTopics(scope, subscriptions).FirstOrDefault(topic => request["topic"].Equals((string?)topic["name"], StringComparison.OrdinalIgnoreCase))
            ?? throw ArmRefusal.NotFound(request.Path));

    private static void RequireTopicType(ArmRequest request)
    {
        if (!request["type"].Equals(TopicType, StringComparison.OrdinalIgnoreCase))
        {
            throw ArmRefusal.NotFound(request.Path);
        }
    }

    private static JsonObject NewTopicType(ArmScope scope) => new()
    {
        ["id"] = $"providers/Microsoft.EventGrid/topicTypes/{TopicType}",
        ["name"] = TopicType,
        ["type"] = "Microsoft.EventGrid/topicTypes",
        ["properties"] = new JsonObject
        {
            ["provider"] = "Microsoft.MachineLearningServices",
            ["displayName"] = "Azure Machine Learning Workspaces",
            ["description"] = "Event types of a workspace.",
            ["resourceRegionType"] = "RegionalResource",
            ["provisioningState"] = "Succeeded",
            ["supportedLocations"] = new JsonArray(scope.Region),
        },
    };

    // Event Grid creates the system topic of a workspace together with the first event subscription.
    private static IEnumerable<JsonObject> SystemTopics(ArmScope scope, SubscriptionStore subscriptions)
    {
        if (subscriptions.All.Count == 0)
        {
            return [];
        }

        var parts = scope.Workspace.Split("/providers/");
        var name = scope.Workspace[(scope.Workspace.LastIndexOf('/') + 1)..] + "-events";
        return [new JsonObject
        {
            ["id"] = $"{parts[0]}{Provider}/systemTopics/{name}",
            ["name"] = name,
            ["type"] = "Microsoft.EventGrid/systemTopics",
            ["location"] = scope.Region,
            ["tags"] = new JsonObject(),
            ["properties"] = new JsonObject { ["provisioningState"] = "Succeeded", ["source"] = scope.Workspace, ["topicType"] = TopicType, ["metricResourceId"] = name },
        }];
    }
}
