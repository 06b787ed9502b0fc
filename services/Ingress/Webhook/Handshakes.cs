using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Ingress.Senders;

namespace MLEvents.Ingress.Webhook;

/// <summary>Event Grid's two validation handshakes, and its notice that a subscription was deleted.</summary>
/// <seealso href="https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema"/>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection"/>
internal sealed partial class Handshakes(IOptionsMonitor<IngressOptions> options, ILogger<Handshakes> logger)
{
    private const string SubscriptionName = "aeg-subscription-name";
    private const int MaxControlBytes = 64 * 1024;

    /// <summary>
    /// Answers the CloudEvents handshake. The headers <c>WebHook-Allowed-…</c> express the consent. An origin or event subscription that is not allowed gets
    /// none of them.
    /// </summary>
    public void Consent(HttpRequest request, HttpResponse response)
    {
        response.Headers.Allow = "POST, OPTIONS";
        var origin = request.Headers["WebHook-Request-Origin"].FirstOrDefault();
        if (origin is not null && IsAllowed(options.CurrentValue.AllowedOrigins, origin) && IsAllowedSubscription(request))
        {
            response.Headers["WebHook-Allowed-Origin"] = origin;
            response.Headers["WebHook-Allowed-Rate"] = "*";
            LogConsented(DisplayText.Shorten(origin));
        }
        else
        {
            LogNoConsent(DisplayText.Shorten(origin));
        }
    }

    /// <summary>Answers a request whose only event is a validation event or a deletion notice of Event Grid.</summary>
    /// <returns>The answer, or null if the request must be handled as a notification.</returns>
    public Results<Ok<ValidationResponse>, Ok, ProblemHttpResult>? Answer(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        if (request.Headers["aeg-event-type"].FirstOrDefault() is "Notification" || FindControlEvent(body) is not { } only)
        {
            return null;
        }

        return only.Type switch
        {
            EventTypes.SubscriptionValidation => Validate(request, only),
            EventTypes.SubscriptionDeleted => Deleted(request),
            _ => null,
        };
    }

    private static WorkflowEvent? FindControlEvent(ReadOnlyMemory<byte> body)
    {
        if (body.Length > MaxControlBytes || body.Span.IndexOf("Microsoft.EventGrid."u8) < 0)
        {
            return null;
        }

        try
        {
            return EventReader.Read(body) is { Events: [var only], Unreadable: [] } ? only.ToWorkflowEvent() : null;
        }
        catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
        {
            // The caller reads the body again as a notification and reports the error.
            return null;
        }
    }

    private Results<Ok<ValidationResponse>, Ok, ProblemHttpResult> Validate(HttpRequest request, WorkflowEvent validation)
    {
        var name = NameOf(request);
        if (!IsAllowedSubscription(request))
        {
            LogUnknownSubscription(name);
            return Forbidden($"The event subscription '{name}' is not allowed.", "Add its name to Ingress:AllowedSubscriptions.");
        }

        var sender = request.HttpContext.Features.Get<Sender>();
        if (!WorkspacePattern.AllowTopic(options.CurrentValue.Workspaces, validation.Source) || !WorkspacePattern.AllowTopic(sender?.Workspaces ?? [], validation.Source))
        {
            var topic = DisplayText.Shorten(validation.Source);
            LogForeignTopic(name, topic);
            return Forbidden($"The topic '{topic}' is not allowed.", "Add its workspace to Ingress:Workspaces, and to the Workspaces of the sender.");
        }

        var code = JsonText.Text(validation.Data, "validationCode");
        if (string.IsNullOrEmpty(code))
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "The validation event has no 'data.validationCode'.");
        }

        LogValidated(name);
        return TypedResults.Ok(new ValidationResponse(code));
    }

    private Ok Deleted(HttpRequest request)
    {
        LogDeleted(NameOf(request));
        return TypedResults.Ok();
    }

    private static ProblemHttpResult Forbidden(string title, string detail) => TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: title, detail: detail);

    private static string NameOf(HttpRequest request) => DisplayText.Shorten(request.Headers[SubscriptionName].FirstOrDefault());

    private bool IsAllowedSubscription(HttpRequest request) =>
        options.CurrentValue.AllowedSubscriptions is not { Count: > 0 } names
        || (request.Headers[SubscriptionName].FirstOrDefault() is { } name && names.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static bool IsAllowed(IList<string> origins, string origin) =>
        origins.Contains("*") || origins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    [LoggerMessage(1, LogLevel.Information, "Validated event subscription {Subscription}")]
    private partial void LogValidated(string subscription);

    [LoggerMessage(2, LogLevel.Warning, "Event subscription {Subscription} asked for validation and is not in Ingress:AllowedSubscriptions; it was refused")]
    private partial void LogUnknownSubscription(string subscription);

    [LoggerMessage(3, LogLevel.Warning, "Event subscription {Subscription} was deleted; no more events come from it. Create it again if the deletion was not intended")]
    private partial void LogDeleted(string subscription);

    [LoggerMessage(4, LogLevel.Information, "Consented to events from {Origin}")]
    private partial void LogConsented(string origin);

    [LoggerMessage(5, LogLevel.Warning, "No consent to events from {Origin}; if they are expected, add the origin to Ingress:AllowedOrigins, and the event subscription to Ingress:AllowedSubscriptions if that list is set")]
    private partial void LogNoConsent(string origin);

    [LoggerMessage(6, LogLevel.Warning, "Event subscription {Subscription} asked for validation for topic {Topic}, which Ingress:Workspaces or the Workspaces of its sender do not allow; it was refused")]
    private partial void LogForeignTopic(string subscription, string topic);
}

/// <summary>The answer to a validation event. Event Grid expects it within 30 s, and accepts only the status 200 for it.</summary>
internal sealed record ValidationResponse([property: JsonPropertyName("validationResponse")] string Code);
