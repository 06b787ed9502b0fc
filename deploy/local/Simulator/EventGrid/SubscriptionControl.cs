using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Creates, updates and deletes event subscriptions.</summary>
internal sealed class SubscriptionControl(
    SubscriptionStore book, Handshake handshake, WebhookClient webhooks, LongRunning operations, Journal journal, ArmScope scope, BackgroundWork work, TimeProvider time)
{
    /// <summary>Creates or updates the subscription that the request names; both begin a handshake.</summary>
    /// <exception cref="ArmRefusal">The properties break a rule.</exception>
    public ArmReply Put(ArmRequest request, JsonObject properties)
    {
        var settings = SubscriptionSettings.Parse(properties);
        return journal.Together(() =>
        {
            var (subscription, created) = book.Need(request["name"]);
            var code = subscription.Configure(properties, settings, created ? "Creating" : "Updating");
            book.Keep(subscription);
            var resource = subscription.ToResource(scope.Workspace);
            var operation = handshake.Start(subscription, code, ValidationUrl(request, subscription, code), created);
            request.Worked = true;
            return operations.Accepted(request, StatusCodes.Status201Created, resource, operation);
        });
    }

    /// <summary>Deletes the subscription that the request names and tells its webhook.</summary>
    public ArmReply Delete(ArmRequest request)
    {
        if (book.Remove(request["name"]) is not { } removed)
        {
            return new(StatusCodes.Status204NoContent);
        }

        request.Worked = true;
        if (removed is { Active: true, Settings.CloudEvents: false })
        {
            work.Start("Farewell to " + removed.Name, token => webhooks.SendControlAsync(removed, "SubscriptionDeletion", DeletedEvent(removed), token));
        }

        return new(StatusCodes.Status200OK);
    }

    private string ValidationUrl(ArmRequest request, EventSubscription subscription, Guid code) =>
        $"{request.BaseAddress}/eventsubscriptions/{subscription.Name}/validate?id={Guid.NewGuid()}&t={time.GetUtcNow().Wire()}&apiVersion={request.ApiVersion}&token={code}";

    private JsonObject DeletedEvent(EventSubscription removed) => new()
    {
        ["id"] = Guid.NewGuid().ToString(),
        ["topic"] = scope.Workspace,
        ["subject"] = "",
        ["data"] = new JsonObject { ["eventSubscriptionId"] = removed.Id },
        ["eventType"] = "Microsoft.EventGrid.SubscriptionDeletedEvent",
        ["eventTime"] = time.GetUtcNow().Wire(),
        ["metadataVersion"] = "1",
        ["dataVersion"] = "1",
    };
}
