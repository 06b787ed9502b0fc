namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Subscriptions from resource files, without those scoped to other apps.</summary>
/// <param name="All">The subscriptions, in the order of the files.</param>
internal sealed record DeclaredSubscriptions(IReadOnlyList<TopicSubscription> All);
