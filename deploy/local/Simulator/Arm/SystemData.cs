using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>Who made a resource and when, in ARM's form.</summary>
internal static class SystemData
{
    private const string Author = "simulator";

    /// <summary>The data of a resource made now.</summary>
    public static JsonObject Created(DateTimeOffset now) => new()
    {
        ["createdAt"] = now.Wire(),
        ["createdBy"] = Author,
        ["createdByType"] = "Application",
        ["lastModifiedAt"] = now.Wire(),
        ["lastModifiedBy"] = Author,
        ["lastModifiedByType"] = "Application",
    };

    /// <summary>Marks a resource as changed now.</summary>
    public static void Touch(JsonObject resource, DateTimeOffset now) => resource.Need("systemData")["lastModifiedAt"] = now.Wire();
}
