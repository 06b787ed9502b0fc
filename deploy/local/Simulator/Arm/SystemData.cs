using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>The <c>systemData</c> of a resource.</summary>
internal static class SystemData
{
    private const string Author = "simulator";

    /// <summary>The data of a new resource.</summary>
    public static JsonObject Created(DateTimeOffset now) => new()
    {
        ["createdAt"] = now.ToAzureTime(),
        ["createdBy"] = Author,
        ["createdByType"] = "Application",
        ["lastModifiedAt"] = now.ToAzureTime(),
        ["lastModifiedBy"] = Author,
        ["lastModifiedByType"] = "Application",
    };

    /// <summary>Sets the time of the last change.</summary>
    public static void Touch(JsonObject resource, DateTimeOffset now) => resource.GetOrAddObject("systemData")["lastModifiedAt"] = now.ToAzureTime();
}
