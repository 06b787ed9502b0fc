using System.Collections.Concurrent;

namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>The direction of a call.</summary>
internal enum PolicyDirection
{
    /// <summary>App to component: publish, state, output binding. Policies do not apply to secrets.</summary>
    Outbound,

    /// <summary>Component to app: subscription.</summary>
    Inbound,
}

/// <summary>The policies of each target, from the <c>Resiliency</c> documents of the app and the default policies.</summary>
internal sealed class ResiliencyPolicies(Func<string, PolicyDirection, PolicySet> resolve, TimeProvider time, Func<double> jitter)
{
    private readonly ConcurrentDictionary<(string Component, PolicyDirection Direction), PolicyRunner> _runners = new();

    /// <summary>Returns the policies for calls from the app to a component: publish, state, output binding.</summary>
    public PolicyRunner Outbound(string component) => Runner(component, PolicyDirection.Outbound);

    /// <summary>Returns the policies for calls from a component to the app: subscription.</summary>
    public PolicyRunner Inbound(string component) => Runner(component, PolicyDirection.Inbound);

    // All calls to a target in one direction share one runner. Both directions of a component share one circuit breaker (ResiliencyDocuments).
    private PolicyRunner Runner(string component, PolicyDirection direction) =>
        _runners.GetOrAdd((component, direction), key => new PolicyRunner(resolve(key.Component, key.Direction), time, jitter));
}
