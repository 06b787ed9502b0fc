namespace MLEvents.Local.Simulator.Arm;

/// <summary>The name of an operation in Azure's specification. Faults and call counters use it.</summary>
internal sealed record ArmOperation(string Name);

/// <summary>The supported api-versions of a group of operations.</summary>
internal sealed record ArmVersions(params string[] Supported)
{
    /// <summary>Azure ML. 2022-10-01 is the default of official clients; the operations have the same shapes in all these versions.</summary>
    public static readonly ArmVersions MachineLearning = new("2022-10-01", "2022-12-01", "2023-04-01", "2023-10-01", "2024-04-01", "2024-10-01", "2025-06-01", "2025-09-01", "2025-12-01", "2026-03-01", "2026-05-01", "2026-07-01");

    /// <summary>Data Factory.</summary>
    public static readonly ArmVersions DataFactory = new("2018-06-01");

    /// <summary>Event Grid.</summary>
    public static readonly ArmVersions EventGrid = new("2020-06-01", "2021-12-01", "2022-06-15", "2025-02-15");

    /// <summary>Azure Monitor's metrics.</summary>
    public static readonly ArmVersions Monitor = new("2018-01-01", "2019-07-01", "2021-05-01", "2023-10-01", "2024-02-01");

    /// <summary>Azure Monitor's autoscale settings.</summary>
    public static readonly ArmVersions Autoscale = new("2015-04-01", "2021-05-01-preview", "2022-10-01");

    /// <summary>Resource providers.</summary>
    public static readonly ArmVersions Resources = new("2021-04-01", "2022-09-01", "2024-03-01", "2025-04-01");
}

/// <summary>Maps routes as ARM operations.</summary>
internal static class ArmRoutes
{
    /// <summary>The route of the workspace.</summary>
    public const string Workspace = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}";

    /// <summary>The route of a registry.</summary>
    public const string Registry = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/registries/{registry}";

    /// <summary>The route of the data factory.</summary>
    public const string Factory = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.DataFactory/factories/{factory}";

    /// <summary>The route of the autoscale settings of the resource group.</summary>
    public const string Autoscale = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights/autoscaleSettings";

    /// <summary>Creates a group for operations of one provider. The group checks the token and the api-version, counts the calls and applies faults.</summary>
    public static RouteGroupBuilder MapArm(this IEndpointRouteBuilder routes, string prefix, ArmVersions versions)
    {
        var group = routes.MapGroup(prefix);
        group.AddEndpointFilter<RouteGroupBuilder, ArmFilter>().WithMetadata(versions);
        return group;
    }

    /// <summary>Sets the operation name of a route.</summary>
    public static void WithOperation(this RouteHandlerBuilder route, string operation) => route.WithMetadata(new ArmOperation(operation));
}
