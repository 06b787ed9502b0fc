using System.Text.Json;

namespace MLEvents.Dashboard.Operating;

/// <summary>What a service answered to an operator's request.</summary>
/// <param name="Status">The HTTP status; 0 if the service could not be reached.</param>
/// <param name="Body">The JSON of the answer; undefined if there is none.</param>
/// <param name="Message">Why the request failed, for people; empty if it succeeded.</param>
internal sealed record ServiceAnswer(int Status, JsonElement Body, string Message)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Whether the service was not reached, did not accept the user or was unavailable: a request about another action would fail alike.</summary>
    public bool IsAboutAll => Status is 0 or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden
        or StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout;
}
