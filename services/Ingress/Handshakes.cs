using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ingress.Reading;

namespace MLEvents.Ingress;

/// <summary>Event Grid's two handshakes, and its word that a subscription is gone.</summary>
/// <seealso href="https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema"/>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection"/>
internal sealed partial class Handshakes(IOptionsMonitor<IngressOptions> options, ILogger<Handshakes> logger)
{
    private const string SubscriptionName = "aeg-subscription-name";

    /// <summary>Answers the CloudEvents handshake: consent lies in the headers, so a stranger gets none.</summary>
    public void Consent(HttpRequest request, HttpResponse response)
    {
        response.Headers.Allow = "POST, OPTIONS";
        var origin = request.Headers["WebHook-Request-Origin"].FirstOrDefault();
        if (origin is not null && IsAllowed(options.CurrentValue.AllowedOrigins, origin) && IsAllowedSubscription(request))
        {
            response.Headers["WebHook-Allowed-Origin"] = origin;
            response.Headers["WebHook-Allowed-Rate"] = "*";
            LogConsented(origin);
        }
        else
        {
            LogNoConsent(origin);
        }
    }

    /// <summary>Answers a body that is the only event of its request and belongs to Event Grid itself.</summary>
    /// <returns>The answer, or null if the body is a notification.</returns>
    public IResult? Answer(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        if (request.Headers["aeg-event-type"].FirstOrDefault() is "Notification" || EventReader.OnlyEvent(body) is not { } only)
        {
            return null;
        }

        return Reading.Attribute.Text(only, "eventType") switch
        {
            EventTypes.SubscriptionValidation => Validate(request, only),
            EventTypes.SubscriptionDeleted => Deleted(request),
            _ => null,
        };
    }

    private IResult Validate(HttpRequest request, JsonElement validation)
    {
        var name = request.Headers[SubscriptionName].FirstOrDefault();
        if (!IsAllowedSubscription(request))
        {
            LogStranger(name);
            return TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: $"The event subscription '{name}' is not expected here.", detail: "Add its name to Ingress:AllowedSubscriptions.");
        }

        var code = EventData.Text(EventData.Member(validation, "data") ?? default, "validationCode");
        if (string.IsNullOrEmpty(code))
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "The validation event has no 'data.validationCode'.");
        }

        LogValidated(name);
        return TypedResults.Ok(new ValidationResponse(code));
    }

    private Ok Deleted(HttpRequest request)
    {
        LogDeleted(request.Headers[SubscriptionName].FirstOrDefault());
        return TypedResults.Ok();
    }

    private bool IsAllowedSubscription(HttpRequest request) =>
        options.CurrentValue.AllowedSubscriptions is not { Count: > 0 } names
        || (request.Headers[SubscriptionName].FirstOrDefault() is { } name && names.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static bool IsAllowed(IList<string> origins, string origin) =>
        origins.Contains("*") || origins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    [LoggerMessage(1, LogLevel.Information, "Event subscription {Subscription} is validated")]
    private partial void LogValidated(string? subscription);

    [LoggerMessage(2, LogLevel.Warning, "Event subscription {Subscription} asked for validation and is not in Ingress:AllowedSubscriptions; it was refused")]
    private partial void LogStranger(string? subscription);

    [LoggerMessage(3, LogLevel.Warning, "Event subscription {Subscription} was deleted; no more events come from it. Create it again if that was not meant.")]
    private partial void LogDeleted(string? subscription);

    [LoggerMessage(4, LogLevel.Information, "Consented to events from {Origin}")]
    private partial void LogConsented(string origin);

    [LoggerMessage(5, LogLevel.Warning, "No consent to events from {Origin}; add it to Ingress:AllowedOrigins if it is expected")]
    private partial void LogNoConsent(string? origin);
}

/// <summary>What Event Grid expects within 30 s, with exactly 200.</summary>
internal sealed record ValidationResponse([property: JsonPropertyName("validationResponse")] string Code);
