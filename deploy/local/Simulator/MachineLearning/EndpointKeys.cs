using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The two keys of an online endpoint. The keys are derived from the endpoint's id until a key is regenerated.</summary>
internal static class EndpointKeys
{
    /// <summary>The current keys.</summary>
    public static JsonObject Read(ResourceStore store, string endpoint) => store.Get(Id(endpoint)) ?? new JsonObject
    {
        ["primaryKey"] = MachineLearningEvents.StableId(endpoint + "#1").ToString("N"),
        ["secondaryKey"] = MachineLearningEvents.StableId(endpoint + "#2").ToString("N"),
    };

    /// <summary>Replaces one key with the value in the body, or with a generated value if the body has none.</summary>
    /// <exception cref="ArmRefusal">The key type is unknown.</exception>
    public static void Regenerate(ResourceStore store, string endpoint, JsonObject body)
    {
        var member = body.Text("keyType") switch
        {
            "Primary" => "primaryKey",
            "Secondary" => "secondaryKey",
            var type => throw ArmRefusal.UserError($"'keyType' is '{type}'; expected one of: Primary, Secondary.", "keyType"),
        };
        store.TryAdd(Id(endpoint), Read(store, endpoint));
        store.Update(Id(endpoint), keys => keys[member] = body.Text("keyValue") ?? Guid.NewGuid().ToString("N"));
    }

    /// <summary>The token of endpoints with the authentication mode <c>AMLToken</c>.</summary>
    public static string Token(string endpoint) => MachineLearningEvents.StableId(endpoint + "#token").ToString("N");

    /// <summary>Whether an <c>Authorization</c> header has a key or token of the endpoint. For an endpoint that authenticates with Microsoft Entra ID, any token is accepted.</summary>
    public static bool Accepts(ResourceStore store, JsonObject endpoint, string? authorization)
    {
        var id = endpoint.Text("id") ?? "";
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var secret = authorization[7..].Trim();
        return endpoint.Text("properties", "authMode") switch
        {
            "Key" => Read(store, id) is var keys && (secret == keys.Text("primaryKey") || secret == keys.Text("secondaryKey")),
            "AMLToken" => secret == Token(id),
            _ => secret.Length > 0,
        };
    }

    // The keys are a child of the endpoint, so they are deleted with the endpoint.
    private static string Id(string endpoint) => endpoint + "/keys";
}
