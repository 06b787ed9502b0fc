using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>What a handler needs of one ARM request.</summary>
internal sealed class ArmRequest(HttpContext http, ArmScope scope)
{
    /// <summary>Whether the request changed anything. Handlers set it; <c>GET /calls</c> counts it.</summary>
    public bool Worked { get; set; }

    /// <summary>The request's path, without a trailing slash.</summary>
    public string Path { get; } = (http.Request.Path.Value ?? "").TrimEnd('/');

    /// <summary>The address under which the caller reached the simulator, without a trailing slash. Outlives the request.</summary>
    public string BaseAddress { get; } = $"{http.Request.Scheme}://{http.Request.Host}";

    /// <summary>The api-version asked for.</summary>
    public string ApiVersion => Query("api-version") ?? "";

    /// <summary>Ends when the caller hangs up.</summary>
    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>A part of the path.</summary>
    public string this[string name] => http.GetRouteValue(name)?.ToString() ?? "";

    /// <summary>Lets minimal APIs hand the request to handlers.</summary>
    public static ValueTask<ArmRequest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<ArmRequest?>(new(context, context.RequestServices.GetRequiredService<ArmScope>()));

    /// <summary>The id of something in the workspace.</summary>
    public string InWorkspace(string tail) => $"{scope.Workspace}/{tail}";

    /// <summary>A query parameter, or null when it is absent or empty.</summary>
    public string? Query(string name) => http.Request.Query[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    /// <summary>A request header, or null.</summary>
    public string? Header(string name) => http.Request.Headers[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    /// <summary>The body, an object; an empty one when there is no body.</summary>
    /// <exception cref="ArmRefusal">The body is no JSON object.</exception>
    public async Task<JsonObject> BodyAsync()
    {
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        try
        {
            return string.IsNullOrWhiteSpace(text) ? [] : JsonNode.Parse(text, documentOptions: Json.Strict) as JsonObject ?? throw ArmRefusal.BadContent("The request content must be a JSON object.");
        }
        catch (JsonException exception)
        {
            throw ArmRefusal.BadContent($"The request content was invalid and could not be deserialized: '{exception.Message}'.");
        }
    }

    /// <summary>A copy of the resource with an id.</summary>
    /// <exception cref="ArmRefusal">There is none.</exception>
    public static JsonObject Found(ResourceStore store, string id) => store.Get(id) ?? throw ArmRefusal.NotFound(id);
}
