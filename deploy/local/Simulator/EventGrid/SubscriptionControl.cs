using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Creates, updates and deletes event subscriptions.</summary>
internal sealed class SubscriptionControl(
    SubscriptionStore subscriptions, Handshake handshake, WebhookClient webhooks, LongRunning operations, Journal journal, ArmScope scope, BackgroundWork work, TimeProvider time)
{
    /// <summary>Creates or updates the subscription that the request names, and starts a handshake in both cases.</summary>
    /// <exception cref="ArmRefusal">The properties violate a rule.</exception>
    public ArmReply Put(ArmRequest request, JsonObject properties)
    {
        KeepEndpoint(request["name"], properties);
        var settings = SubscriptionSettings.Parse(properties);
        return journal.Commit(() =>
        {
            var (subscription, created) = subscriptions.GetOrAdd(request["name"]);
            var code = subscription.Configure(properties, settings, created ? "Creating" : "Updating");
            subscriptions.Save(subscription);
            var resource = subscription.ToResource(scope.Workspace);
            var operation = handshake.Start(subscription, code, ValidationUrl(request, subscription, code), created);
            request.ChangedState = true;
            return operations.Accepted(request, StatusCodes.Status201Created, resource, operation);
        });
    }

    /// <summary>Deletes the subscription that the request names. If the subscription was active and used the Event Grid schema, its webhook is notified.</summary>
    public ArmReply Delete(ArmRequest request)
    {
        if (subscriptions.Remove(request["name"]) is not { } removed)
        {
            return new(StatusCodes.Status204NoContent);
        }

        request.ChangedState = true;
        if (removed is { Active: true, Settings.CloudEvents: false })
        {
            work.Start("Deletion event for " + removed.Name, token => webhooks.SendControlAsync(removed, "SubscriptionDeletion", DeletedEvent(removed), token));
        }

        return new(StatusCodes.Status200OK);
    }

    // Clients send back what they read, and a read omits the URL, because its query can contain a secret. An update without a URL therefore keeps the stored URL.
    private void KeepEndpoint(string name, JsonObject properties)
    {
        if (properties.At("destination", "properties") is JsonObject destination && destination.Text("endpointUrl") is null && subscriptions.Find(name) is { } existing)
        {
            destination["endpointUrl"] = existing.Settings.Endpoint.OriginalString;
        }
    }

    private string ValidationUrl(ArmRequest request, EventSubscription subscription, Guid code) =>
        $"{request.BaseAddress}/eventsubscriptions/{subscription.Name}/validate?id={Guid.NewGuid()}&t={time.GetUtcNow().ToAzureTime()}&apiVersion={request.ApiVersion}&token={code}";

    private JsonObject DeletedEvent(EventSubscription removed) => new()
    {
        ["id"] = Guid.NewGuid().ToString(),
        ["topic"] = scope.Workspace,
        ["subject"] = "",
        ["data"] = new JsonObject { ["eventSubscriptionId"] = removed.Id },
        ["eventType"] = "Microsoft.EventGrid.SubscriptionDeletedEvent",
        ["eventTime"] = time.GetUtcNow().ToAzureTime(),
        ["metadataVersion"] = "1",
        ["dataVersion"] = "1",
    };
}
