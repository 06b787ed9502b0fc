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

    /// <summary>Creates the store with the subscriptions of an earlier process.</summary>
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

    /// <summary>The subscriptions in the order of their names.</summary>
    public IReadOnlyList<EventSubscription> All => [.. _subscriptions.Values.OrderBy(subscription => subscription.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>The subscription with a name, or null.</summary>
    public EventSubscription? Find(string name) => _subscriptions.GetValueOrDefault(name);

    /// <summary>Whether the store contains this instance.</summary>
    public bool Contains(EventSubscription subscription) => ReferenceEquals(Find(subscription.Name), subscription);

    /// <summary>The subscription with a name. A new subscription is created if none has the name.</summary>
    public (EventSubscription Subscription, bool Created) GetOrAdd(string name)
    {
        var created = New(name);
        var stored = _subscriptions.GetOrAdd(name, created);
        return (stored, ReferenceEquals(stored, created));
    }

    /// <summary>Sets a state. Returns false, and changes nothing, if a later update invalidated the handshake, or if the current state is not <paramref name="only"/> (null allows every state).</summary>
    public bool TryEnter(EventSubscription subscription, Guid validation, string state, string? only = null) => _journal.Commit(() =>
    {
        var entered = subscription.TryEnter(validation, state, only);
        if (entered && Contains(subscription))
        {
            Save(subscription);
        }

        return entered;
    });

    /// <summary>Stores the current state of a subscription.</summary>
    public void Save(EventSubscription subscription) => _journal.Put(Kind, Key(subscription.Name), subscription.Record());

    /// <summary>Removes a subscription and closes its queue.</summary>
    public EventSubscription? Remove(string name) => _journal.Commit(() =>
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
