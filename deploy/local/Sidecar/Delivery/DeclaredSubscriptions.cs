namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Subscriptions from files that are in the app's scope.</summary>
/// <param name="All">In the order of the files.</param>
internal sealed record DeclaredSubscriptions(IReadOnlyList<TopicSubscription> All);
