using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;
using MLEvents.Local.Sidecar.Resiliency;
using MLEvents.Local.Sidecar.Secrets;

namespace MLEvents.Local.Sidecar;

/// <summary>What the APIs of one sidecar work with; registered as a singleton in its container.</summary>
/// <param name="Options">The sidecar's options.</param>
/// <param name="Components">The loaded components.</param>
/// <param name="Policies">Resiliency policies by target.</param>
/// <param name="App">The way to the app.</param>
/// <param name="SecretScopes">Which secrets the app may read.</param>
internal sealed record AppRuntime(SidecarOptions Options, ComponentRegistry Components, ResiliencyPolicies Policies, AppChannel App, SecretScopes SecretScopes)
{
    public TimeProvider Time => Options.Time;

    public string AppId => Options.AppId;
}
