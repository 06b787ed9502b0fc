using System.Globalization;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>An answer in ARM's format: a status, headers and an optional JSON body.</summary>
internal sealed class ArmReply(int status, JsonNode? body = null) : IResult, IStatusCodeHttpResult
{
    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <inheritdoc/>
    public int? StatusCode => status;

    /// <summary>200 with a body.</summary>
    public static ArmReply Ok(JsonNode body) => new(StatusCodes.Status200OK, body);

    /// <summary>An error in ARM's format.</summary>
    public static ArmReply Error(int status, string code, string message, string? target = null) =>
        new(status, new JsonObject
        {
            ["error"] = new JsonObject { ["code"] = code, ["message"] = message, ["target"] = target, ["details"] = new JsonArray() },
        });

    /// <summary>Adds a header.</summary>
    public ArmReply With(string name, string value)
    {
        _headers.Add(new(name, value));
        return this;
    }

    /// <summary>Adds <c>Retry-After</c> in whole seconds, rounded up.</summary>
    public ArmReply RetryAfter(TimeSpan pause) =>
        With("Retry-After", Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        foreach (var (name, value) in _headers)
        {
            httpContext.Response.Headers[name] = value;
        }

        if (body is not null)
        {
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            await httpContext.Response.WriteAsync(body.ToJsonString(), httpContext.RequestAborted);
        }
    }
}
