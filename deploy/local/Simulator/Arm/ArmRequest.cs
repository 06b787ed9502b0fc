using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>An ARM request as handlers see it.</summary>
internal sealed class ArmRequest(HttpContext http, ArmScope scope)
{
    /// <summary>Whether the request changed state. Handlers set it; <c>GET /calls</c> counts it.</summary>
    public bool ChangedState { get; set; }

    /// <summary>The request's path, without a trailing slash.</summary>
    public string Path { get; } = (http.Request.Path.Value ?? "").TrimEnd('/');

    /// <summary>The base address that the caller used, without a trailing slash. It stays valid after the request.</summary>
    public string BaseAddress { get; } = $"{http.Request.Scheme}://{http.Request.Host}";

    /// <summary>The requested api-version.</summary>
    public string ApiVersion => Query("api-version") ?? "";

    /// <summary>Cancelled when the caller closes the connection.</summary>
    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>A route value, or an empty string.</summary>
    public string this[string name] => http.GetRouteValue(name)?.ToString() ?? "";

    /// <summary>Creates the argument of a handler that has a parameter of this type. Minimal APIs call this method by its name.</summary>
    public static ValueTask<ArmRequest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<ArmRequest?>(new(context, context.RequestServices.GetRequiredService<ArmScope>()));

    /// <summary>The id of the workspace that the path names; the id of the first workspace if the path names no workspace, or an unknown one.</summary>
    public string Workspace => scope.FindWorkspace(this["workspace"]);

    /// <summary>The id of a resource in the workspace.</summary>
    public string InWorkspace(string tail) => $"{Workspace}/{tail}";

    /// <summary>A query parameter, or null when it is absent or empty.</summary>
    public string? Query(string name) => http.Request.Query[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    /// <summary>A request header, or null.</summary>
    public string? Header(string name) => http.Request.Headers[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    /// <summary>Whether the request has a bearer token. The simulator accepts every token.</summary>
    public bool HasToken =>
        Header("Authorization") is { } value && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && !value.AsSpan("Bearer ".Length).Trim().IsEmpty;

    /// <summary>The body as an object; an empty object when there is no body.</summary>
    /// <exception cref="ArmRefusal">The body is not a JSON object.</exception>
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

    /// <summary>A copy of the resource with the given id.</summary>
    /// <exception cref="ArmRefusal">The resource does not exist.</exception>
    public static JsonObject Found(ResourceStore store, string id) => store.Get(id) ?? throw ArmRefusal.NotFound(id);
}
