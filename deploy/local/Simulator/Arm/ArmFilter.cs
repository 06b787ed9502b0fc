using System.Globalization;

using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>Wraps every ARM operation: checks the request, applies faults, runs the operation and counts the call.</summary>
internal sealed class ArmFilter(ArmRequestChecks gate, FaultStore faults, FaultResponder responder, CallLog calls) : IEndpointFilter
{
    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var request = context.Arguments.OfType<ArmRequest>().Single();
        var operation = http.GetEndpoint()?.Metadata.GetMetadata<ArmOperation>()?.Name ?? "Unknown";
        gate.Stamp(http);

        var fault = gate.Refusal(http, request) is null ? faults.Take(operation, Fault.HttpKinds) : null;
        var answer = await AnswerAsync(context, next, request, fault);
        var status = (answer as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK;
        calls.Add(new(operation, request.Path, status, request.ChangedState, fault?.Kind));
        return answer;
    }

    private async Task<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, ArmRequest request, Fault? fault)
    {
        var http = context.HttpContext;
        if (gate.Refusal(http, request) is { } refusal)
        {
            return refusal;
        }

        if (fault is { After: false } && await responder.RespondAsync(fault, http) is { } early)
        {
            return early;
        }

        var answer = await WorkAsync(context, next);
        return fault is { After: true } ? await responder.RespondAsync(fault, http) ?? answer : answer;
    }

    private static async Task<object?> WorkAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ArmRefusal refusal)
        {
            return refusal.Answer;
        }
    }
}

/// <summary>Makes the checks that ARM makes before a provider receives a request, and sets the headers of every answer.</summary>
internal sealed class ArmRequestChecks(ArmScope scope, ResourceStore store)
{
    private int _reads;
    private int _writes;
    private int _deletes;

    /// <summary>Adds the request ids and the number of calls that remain in the hourly limit. The simulator never enforces the limits.</summary>
    public void Stamp(HttpContext http)
    {
        var id = Guid.NewGuid().ToString();
        var headers = http.Response.Headers;
        headers["x-ms-request-id"] = id;
        headers["x-ms-correlation-request-id"] = http.Request.Headers["x-ms-correlation-request-id"].FirstOrDefault() ?? id;
        var (name, left) = http.Request.Method switch
        {
            "GET" or "HEAD" => ("reads", 12_000 - (Interlocked.Increment(ref _reads) % 12_000)),
            "DELETE" => ("deletes", 15_000 - (Interlocked.Increment(ref _deletes) % 15_000)),
            _ => ("writes", 1_200 - (Interlocked.Increment(ref _writes) % 1_200)),
        };
        headers["x-ms-ratelimit-remaining-subscription-" + name] = left.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The error if ARM rejects the request; otherwise null.</summary>
    public ArmReply? Refusal(HttpContext http, ArmRequest request) =>
        Unauthorized(request) ?? WrongVersion(http, request) ?? WrongScope(request);

    private static ArmReply? Unauthorized(ArmRequest request)
    {
        if (request.HasToken)
        {
            return null;
        }

        return ArmReply.Error(StatusCodes.Status401Unauthorized, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
            .With("WWW-Authenticate", "Bearer authorization_uri=\"https://login.windows.net/\", error=\"invalid_token\", error_description=\"The authentication failed because of missing 'Authorization' header.\"");
    }

    private static ArmReply? WrongVersion(HttpContext http, ArmRequest request)
    {
        var supported = http.GetEndpoint()?.Metadata.GetMetadata<ArmVersions>()?.Supported ?? [];
        var listed = string.Join(", ", supported);
        return request.ApiVersion switch
        {
            "" => ArmReply.Error(StatusCodes.Status400BadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."),
            var version when supported.Contains(version, StringComparer.OrdinalIgnoreCase) => null,
            var version when DateOnly.TryParseExact(version, "yyyy-MM-dd", out _) => ArmReply.Error(
                StatusCodes.Status400BadRequest, "NoRegisteredProviderFound", $"No registered resource provider found for API version '{version}'. The supported api-versions are '{listed}'."),
            var version => ArmReply.Error(StatusCodes.Status400BadRequest, "InvalidApiVersionParameter", $"The api-version '{version}' is invalid. The supported versions are '{listed}'."),
        };
    }

    private ArmReply? WrongScope(ArmRequest request)
    {
        if (Differs(request["subscription"], scope.Subscription))
        {
            return ArmReply.Error(StatusCodes.Status404NotFound, "SubscriptionNotFound", $"The subscription '{request["subscription"]}' could not be found.");
        }

        if (Differs(request["group"], scope.ResourceGroup))
        {
            return ArmReply.Error(StatusCodes.Status404NotFound, "ResourceGroupNotFound", $"Resource group '{request["group"]}' could not be found.");
        }

        var parent = string.Join('/', request.Path.Split('/').Take(9));
        return (request["workspace"] + request["factory"]).Length > 0 && !store.Has(parent) ? ArmRefusal.NotFound(parent).Answer : null;
    }

    private static bool Differs(string given, string known) => given.Length > 0 && !given.Equals(known, StringComparison.OrdinalIgnoreCase);
}
