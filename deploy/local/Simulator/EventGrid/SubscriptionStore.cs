using System.Collections.Concurrent;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>All event subscriptions of the workspace.</summary>
internal sealed class SubscriptionStore
{
    private const string Kind = "subscription";
    private readonly ArmScope _scope;
    private readonly Journal _journal;
    private readonly ConcurrentDictionary<string, EventSubscription> _subscriptions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A book with the subscriptions that an earlier process left.</summary>
    public SubscriptionStore(ArmScope scope, Journal journal)
    {
        (_scope, _journal) = (scope, journal);
        foreach (var record in journal.Restored<SubscriptionRecord>(Kind))
        {
            var restored = New(record.Name);
            restored.Restore(record);
            _subscriptions[record.Name] = restored;
        }
    }

    /// <summary>The subscriptions by name.</summary>
    public IReadOnlyList<EventSubscription> All => [.. _subscriptions.Values.OrderBy(subscription => subscription.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>The subscription with a name, or null.</summary>
    public EventSubscription? Find(string name) => _subscriptions.GetValueOrDefault(name);

    /// <summary>Whether this very subscription is still in the book.</summary>
    public bool Holds(EventSubscription subscription) => ReferenceEquals(Find(subscription.Name), subscription);

    /// <summary>The subscription with a name, made when there is none.</summary>
    public (EventSubscription Subscription, bool Created) Need(string name)
    {
        var made = New(name);
        var kept = _subscriptions.GetOrAdd(name, made);
        return (kept, ReferenceEquals(kept, made));
    }

    /// <summary>Enters a state, unless a later update made the handshake void or the state is not the one it must be in.</summary>
    public bool TryEnter(EventSubscription subscription, Guid validation, string state, string? only = null) => _journal.Together(() =>
    {
        var entered = subscription.TryEnter(validation, state, only);
        if (entered && Holds(subscription))
        {
            Keep(subscription);
        }

        return entered;
    });

    /// <summary>Keeps a subscription as it is now.</summary>
    public void Keep(EventSubscription subscription) => _journal.Put(Kind, Key(subscription.Name), subscription.Record());

    /// <summary>Removes a subscription and ends its queue.</summary>
    public EventSubscription? Remove(string name) => _journal.Together(() =>
    {
        if (!_subscriptions.TryRemove(name, out var removed))
        {
            return null;
        }

        removed.Queue.Writer.TryComplete();
        _journal.Remove(Kind, Key(name));
        return removed;
    });

    private static string Key(string name) => name.ToUpperInvariant();

    private EventSubscription New(string name) => new(name, $"{_scope.Workspace}/providers/Microsoft.EventGrid/eventSubscriptions/{name}");
}
