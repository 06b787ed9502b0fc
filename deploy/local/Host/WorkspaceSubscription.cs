using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Host;

/// <summary>The Event Grid subscription that connects the simulated workspace to the ingress.</summary>
internal static class WorkspaceSubscription
{
    private const string Name = "mlevents-local";
    private static readonly TimeSpan HandshakeDeadline = TimeSpan.FromSeconds(20);

    /// <summary>Subscribes a webhook to the events of the workspace and waits for the handshake.</summary>
    /// <exception cref="StartException">The handshake failed.</exception>
    public static async Task CreateAsync(SimulatorClient simulator, Uri webhook, CancellationToken cancellationToken)
    {
        var state = await simulator.SubscribeAsync(Name, Body(webhook), HandshakeDeadline, cancellationToken);
        if (state != "Succeeded")
        {
            throw new StartException($"Event Grid's handshake with {webhook.GetLeftPart(UriPartial.Path)} failed: the state of the subscription is '{state}'.");
        }
    }

    private static JsonObject Body(Uri webhook) => new()
    {
        ["properties"] = new JsonObject
        {
            ["destination"] = new JsonObject
            {
                ["endpointType"] = "WebHook",
                ["properties"] = new JsonObject { ["endpointUrl"] = webhook.ToString(), ["maxEventsPerBatch"] = 10, ["preferredBatchSizeInKilobytes"] = 64 },
            },
            ["filter"] = new JsonObject
            {
                ["includedEventTypes"] = new JsonArray(
                    EventTypes.ModelRegistered, EventTypes.ModelDeployed, EventTypes.RunCompleted, EventTypes.RunStatusChanged, EventTypes.DatasetDriftDetected),
            },
            ["eventDeliverySchema"] = "EventGridSchema",
        },
    };
}
