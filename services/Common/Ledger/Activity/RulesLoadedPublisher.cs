using System.Globalization;

using Dapr.Client;

using MLEvents.Events;

namespace MLEvents.Ledger.Activity;

/// <summary>Publishes on <see cref="Topics.WorkflowActivity"/> that rules came into force.</summary>
internal sealed class RulesLoadedPublisher(DaprClient dapr, LedgerService service) : IRulesLoadedPublisher
{
    public Task PublishAsync(string version, IReadOnlyDictionary<string, string> files, DateTimeOffset loadedAt, CancellationToken cancellationToken)
    {
        var envelope = new Dapr.CloudEvent<RulesLoaded>(new RulesLoaded(service.Name, version, files))
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{service.Name}-rules-{version}-{loadedAt.UtcTicks}"),
            SpecVersion = "1.0",
            Source = new Uri($"/mlevents/{service.Name}", UriKind.RelativeOrAbsolute),
            Type = EventTypes.RulesLoaded,
            Subject = $"rules/{version}",
            Time = loadedAt,
        };
        return dapr.PublishEventAsync(Topics.PubSub, Topics.WorkflowActivity, envelope, cancellationToken);
    }
}
