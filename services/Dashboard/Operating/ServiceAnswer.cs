using System.Text.Json;

namespace MLEvents.Dashboard.Operating;

/// <summary>The answer of a service to an operator's request.</summary>
/// <param name="Status">The HTTP status; 0 if no request was sent, or if no valid answer arrived.</param>
/// <param name="Body">The JSON of the answer; undefined if there is none.</param>
/// <param name="Message">The reason why the request failed, for people; empty if it succeeded.</param>
internal sealed record ServiceAnswer(int Status, JsonElement Body, string Message)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Whether requests for other actions would fail in the same way: the service could not be reached, was unavailable or did not accept the user.</summary>
    public bool AffectsAllActions => Status is 0 or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden
        or StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout;
}
