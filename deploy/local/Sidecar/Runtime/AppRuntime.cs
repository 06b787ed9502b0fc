using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Resiliency;

namespace MLEvents.Local.Sidecar.Runtime;

/// <summary>The options, components and policies of one sidecar; a singleton in its container.</summary>
/// <param name="Options">The sidecar's options.</param>
/// <param name="Components">The loaded components.</param>
/// <param name="Policies">Resiliency policies by target.</param>
internal sealed record AppRuntime(SidecarOptions Options, ComponentRegistry Components, ResiliencyPolicies Policies)
{
    public TimeProvider Time => Options.Time;

    public string AppId => Options.AppId;
}
