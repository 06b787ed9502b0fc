using System.Collections.Concurrent;

using MLEvents.Local.Sidecar.Delivery;
using MLEvents.Local.Sidecar.Runtime;

namespace MLEvents.Local.Sidecar.Api;

/// <summary>The data of <c>/v1.0/metadata</c> and of gRPC's GetMetadata.</summary>
internal sealed class SidecarMetadata(AppRuntime runtime, SubscriptionService subscriptions)
{
    /// <summary>The version that the sidecar reports: the version of daprd with which the tests compare the sidecar, and a suffix.</summary>
    public const string Version = "1.17.13-embedded";

    /// <summary>The placement state that the sidecar reports: it has no actor runtime.</summary>
    public const string Placement = "placement: disconnected";

    private readonly ConcurrentDictionary<string, string> _extended = new(StringComparer.Ordinal) { ["daprRuntimeVersion"] = Version };

    /// <summary>The runtime of the app: its components and its settings.</summary>
    public AppRuntime Runtime => runtime;

    /// <summary>Attributes, including those that callers added, sorted by name.</summary>
    public SortedDictionary<string, string> Extended => new(_extended, StringComparer.Ordinal);

    /// <summary>The app's subscriptions.</summary>
    public IReadOnlyList<TopicSubscription> Subscriptions => subscriptions.Current;

    /// <summary>Adds or replaces an attribute.</summary>
    public void Set(string name, string value) => _extended[name] = value;
}
