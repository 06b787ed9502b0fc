using System.Collections.Concurrent;
using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>All event subscriptions of the workspace.</summary>
internal sealed class SubscriptionBook(ArmScope scope)
{
    private readonly ConcurrentDictionary<string, EventSubscription> _subscriptions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The subscriptions by name.</summary>
    public IReadOnlyList<EventSubscription> All => [.. _subscriptions.Values.OrderBy(subscription => subscription.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>The subscription with a name, or null.</summary>
    public EventSubscription? Find(string name) => _subscriptions.GetValueOrDefault(name);

    /// <summary>Whether this very subscription is still in the book.</summary>
    public bool Holds(EventSubscription subscription) => ReferenceEquals(Find(subscription.Name), subscription);

    /// <summary>The subscription with a name, made when there is none.</summary>
    public (EventSubscription Subscription, bool Created) Need(string name)
    {
        var made = new EventSubscription(name, $"{scope.Workspace}/providers/Microsoft.EventGrid/eventSubscriptions/{name}");
        var kept = _subscriptions.GetOrAdd(name, made);
        return (kept, ReferenceEquals(kept, made));
    }

    /// <summary>Removes a subscription and ends its queue.</summary>
    public EventSubscription? Remove(string name)
    {
        if (!_subscriptions.TryRemove(name, out var removed))
        {
            return null;
        }

        removed.Queue.Writer.TryComplete();
        return removed;
    }
}
