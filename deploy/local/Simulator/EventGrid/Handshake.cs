using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Validates a webhook before delivery starts, with the handshake of the subscription's schema.</summary>
internal sealed class Handshake(
    SubscriptionStore subscriptions,
    WebhookClient webhooks,
    LongRunning operations,
    DeliveryPump pump,
    CallLog calls,
    Timeline timeline,
    ArmScope scope,
    Journal journal,
    DurableTasks tasks,
    TimeProvider time,
    IOptions<SimulatorOptions> options)
{
    private const string Kind = "handshake";
    private const int Attempts = 3;
    private const string Manual = "AwaitingManualAction";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ManualLimit = TimeSpan.FromMinutes(10);

    /// <summary>Starts the handshake.</summary>
    public LongOperation Start(EventSubscription subscription, Guid code, string validationUrl, bool first)
    {
        var operation = operations.BeginEventGrid();
        if (first)
        {
            pump.Start(subscription);
        }

        tasks.Begin(Kind, new HandshakeWork(subscription.Name, code, validationUrl, operation.Id), RunAsync);
        return operation;
    }

    /// <summary>Resumes the handshakes of an earlier process.</summary>
    public void Resume() => tasks.Resume<HandshakeWork>(Kind, RunAsync);

    /// <summary>Completes a handshake that waits for a call of the validation address; false when none is waiting.</summary>
    public bool Confirm(EventSubscription subscription, Guid code)
    {
        var confirmed = subscriptions.TryEnter(subscription, code, "Succeeded", Manual);
        if (confirmed)
        {
            timeline.Add("subscription.Succeeded", subscription.Name, null, "confirmed by its validation address");
        }

        return confirmed;
    }

    private async Task RunAsync(HandshakeWork work, CancellationToken cancellationToken)
    {
        if (subscriptions.Find(work.Subscription) is not { } subscription)
        {
            operations.End(work.Operation);
            return;
        }

        if (operations.Runs(work.Operation))
        {
            End(subscription, work, await ValidateAsync(subscription, work.Code, work.ValidationUrl, cancellationToken));
        }

        if (subscription.State == Manual)
        {
            await tasks.WaitAsync(ManualLimit, cancellationToken);
            subscriptions.TryEnter(subscription, work.Code, "Failed", Manual);
        }
    }

    private void End(EventSubscription subscription, HandshakeWork work, string state) => journal.Commit(() =>
    {
        if (subscriptions.TryEnter(subscription, work.Code, state))
        {
            timeline.Add("subscription." + state, subscription.Name);
        }

        operations.End(work.Operation, state == "Failed"
            ? ("Url validation", $"Webhook validation handshake failed for {subscription.Settings.Endpoint.GetLeftPart(UriPartial.Path)}.")
            : null);
    });

    private async Task<string> ValidateAsync(EventSubscription subscription, Guid code, string validationUrl, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = subscription.Settings.CloudEvents
                ? await webhooks.AskConsentAsync(subscription, validationUrl, cancellationToken)
                : await webhooks.SendControlAsync(subscription, "SubscriptionValidation", ValidationEvent(code, validationUrl), cancellationToken);
            calls.Add(new("EventGrid_Validate", subscription.Name, answer.Status, false, null));
            var state = subscription.Settings.CloudEvents ? Consent(answer) : Echo(answer, code);
            if (state != "Failed" || attempt == Attempts)
            {
                return state;
            }

            await tasks.WaitAsync(Pause * options.Value.RetryTimeScale, cancellationToken);
        }
    }

    // Only 200 succeeds: the documentation says that 202 is not accepted.
    private static string Echo(WebhookAnswer answer, Guid code)
    {
        if (answer.Status != StatusCodes.Status200OK)
        {
            return "Failed";
        }

        return Guid.TryParse(ValidationResponse(answer.Body), out var echoed) && echoed == code ? "Succeeded" : Manual;
    }

    private static string? ValidationResponse(string body)
    {
        try
        {
            return (JsonNode.Parse(body, documentOptions: Json.Strict) as JsonObject)?
                .FirstOrDefault(member => member.Key.Equals("validationResponse", StringComparison.OrdinalIgnoreCase)).Value?.ToString();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // If the header WebHook-Allowed-Origin contains Event Grid's origin or *, the target consents, whatever the status of its answer.
    // Otherwise, a target that answers 2xx can still consent through the callback address.
    // Any other answer fails, such as the 405 of a target that does not handle OPTIONS.
    private static string Consent(WebhookAnswer answer)
    {
        var origins = answer.Headers is { } headers && headers.TryGetValues("WebHook-Allowed-Origin", out var values) ? values : [];
        if (origins.Any(origin => origin is "*" || origin.Equals(WebhookClient.Origin, StringComparison.OrdinalIgnoreCase)))
        {
            return "Succeeded";
        }

        return answer.Status is >= 200 and < 300 ? Manual : "Failed";
    }

    private JsonObject ValidationEvent(Guid code, string validationUrl) => new()
    {
        ["id"] = Guid.NewGuid().ToString(),
        ["topic"] = scope.Workspace,
        ["subject"] = "",
        ["data"] = new JsonObject { ["validationCode"] = code.ToString(), ["validationUrl"] = validationUrl },
        ["eventType"] = "Microsoft.EventGrid.SubscriptionValidationEvent",
        ["eventTime"] = time.GetUtcNow().ToAzureTime(),
        ["metadataVersion"] = "1",
        ["dataVersion"] = "1",
    };

    internal sealed record HandshakeWork(string Subscription, Guid Code, string ValidationUrl, string Operation);
}
