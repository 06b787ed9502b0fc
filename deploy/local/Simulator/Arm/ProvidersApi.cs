using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>The resource providers, and the status and result addresses of their long-running operations.</summary>
internal static class ProvidersApi
{
    private static readonly Dictionary<string, (string[] Types, ArmVersions Versions)[]> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Microsoft.MachineLearningServices"] =
        [
            (
                [
                    "workspaces", "workspaces/jobs", "workspaces/models", "workspaces/models/versions", "workspaces/onlineEndpoints", "workspaces/onlineEndpoints/deployments",
                    "workspaces/batchEndpoints", "workspaces/batchEndpoints/deployments", "registries", "registries/models", "registries/models/versions",
                ],
                ArmVersions.MachineLearning),
        ],
        ["Microsoft.DataFactory"] = [(["factories", "factories/pipelines"], ArmVersions.DataFactory)],
        ["Microsoft.EventGrid"] = [(["eventSubscriptions", "extensionTopics", "systemTopics", "topicTypes"], ArmVersions.EventGrid)],
        ["Microsoft.Insights"] = [(["metrics"], ArmVersions.Monitor), (["autoscaleSettings"], ArmVersions.Autoscale)],
    };

    /// <summary>Maps the routes.</summary>
    public static void MapProviders(this IEndpointRouteBuilder routes)
    {
        var providers = routes.MapArm("/subscriptions/{subscription}/providers", ArmVersions.Resources);
        providers.MapGet("/{provider}", Get).WithOperation("Providers_Get");
        providers.MapPost("/{provider}/register", Get).WithOperation("Providers_Register");

        var learning = routes.MapArm("/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{region}", ArmVersions.MachineLearning);
        learning.MapGet("/mfeOperationsStatus/{operation}", Status).WithOperation("Operations_GetStatus");
        learning.MapGet("/mfeOperationResults/{operation}", Result).WithOperation("Operations_GetResult");

        var events = routes.MapArm("/subscriptions/{subscription}/providers/Microsoft.EventGrid/locations/{region}", ArmVersions.EventGrid);
        events.MapGet("/operationsStatus/{operation}", Status).WithOperation("Operations_GetStatus");
        events.MapGet("/operationResults/{operation}", Result).WithOperation("Operations_GetResult");
    }

    private static ArmReply Get(ArmRequest request, ArmScope scope)
    {
        var name = request["provider"];
        if (!Known.TryGetValue(name, out var groups))
        {
            throw new ArmRefusal(StatusCodes.Status404NotFound, "InvalidResourceNamespace", $"The resource namespace '{name}' is invalid.");
        }

        var types = groups.SelectMany(group => group.Types.Select(type => new JsonObject
        {
            ["resourceType"] = type,
            ["locations"] = new JsonArray(scope.Region),
            ["apiVersions"] = new JsonArray([.. group.Versions.Supported.Reverse().Select(version => JsonValue.Create(version))]),
        }));
        return ArmReply.Ok(new JsonObject
        {
            ["id"] = $"/subscriptions/{scope.Subscription}/providers/{name}",
            ["namespace"] = name,
            ["registrationState"] = "Registered",
            ["registrationPolicy"] = "RegistrationRequired",
            ["resourceTypes"] = new JsonArray([.. types]),
        });
    }

    private static ArmReply Status(ArmRequest request, LongRunning operations) => operations.Status(request);

    private static ArmReply Result(ArmRequest request, LongRunning operations) => operations.Result(request);
}
