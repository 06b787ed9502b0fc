using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The query parameters that lists of Azure ML share.</summary>
internal static class ListQuery
{
    /// <summary>Applies <c>listViewType</c>: <c>ActiveOnly</c> (default), <c>ArchivedOnly</c> or <c>All</c>.</summary>
    /// <exception cref="ArmRefusal">The value is unknown.</exception>
    public static IEnumerable<JsonObject> InView(this IEnumerable<JsonObject> resources, ArmRequest request)
    {
        var view = request.Query("listViewType") ?? "ActiveOnly";
        return view.ToUpperInvariant() switch
        {
            "ALL" => resources,
            "ACTIVEONLY" => resources.Where(resource => !IsArchived(resource)),
            "ARCHIVEDONLY" => resources.Where(IsArchived),
            _ => throw ArmRefusal.UserError($"'listViewType' is '{view}'; expected one of: ActiveOnly, ArchivedOnly, All.", "listViewType"),
        };
    }

    /// <summary>Applies <c>$orderBy</c> to resources in the order of their creation. The default is the newest first.</summary>
    /// <exception cref="ArmRefusal">The field or direction is not supported.</exception>
    public static IEnumerable<JsonObject> InOrder(this IEnumerable<JsonObject> resources, ArmRequest request)
    {
        var order = request.Query("$orderBy") ?? request.Query("orderBy") ?? "createdtime desc";
        return order.ToUpperInvariant() switch
        {
            "CREATEDTIME" or "CREATEDTIME ASC" => resources,
            "CREATEDTIME DESC" => resources.Reverse(),
            "MODIFIEDTIME" or "MODIFIEDTIME ASC" => resources.OrderBy(Modified, StringComparer.Ordinal),
            "MODIFIEDTIME DESC" => resources.OrderByDescending(Modified, StringComparer.Ordinal),
            _ => throw ArmRefusal.UserError($"'$orderBy' is '{order}'; the simulator supports createdtime and modifiedtime, each with asc or desc.", "$orderBy"),
        };
    }

    /// <summary>Applies the filters <c>properties</c> and <c>description</c>, and the filter of tags, whose query parameter has the name <paramref name="tags"/>.</summary>
    public static IEnumerable<JsonObject> Filtered(this IEnumerable<JsonObject> resources, ArmRequest request, string tags) => resources
        .Where(resource => TagQuery.Matches(resource.At("properties", "tags"), request.Query(tags)))
        .Where(resource => TagQuery.Matches(resource.At("properties", "properties"), request.Query("properties")))
        .Where(resource => request.Query("description") is not { } text || resource.Text("properties", "description")?.Contains(text, StringComparison.OrdinalIgnoreCase) == true);

    private static bool IsArchived(JsonObject resource) => resource.At("properties", "isArchived") is JsonValue value && value.TryGetValue<bool>(out var archived) && archived;

    private static string Modified(JsonObject resource) => resource.Text("systemData", "lastModifiedAt") ?? "";
}
