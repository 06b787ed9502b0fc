using System.Collections.Frozen;

using MLEvents.Local.Sidecar.Bindings;
using MLEvents.Local.Sidecar.Bindings.Http;
using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.Secrets;
using MLEvents.Local.Sidecar.State;

namespace MLEvents.Local.Sidecar.Loading;

/// <summary>The supported component types, one row each.</summary>
internal static class ComponentTypes
{
    public static FrozenDictionary<string, Func<ComponentContext, IComponent>> All { get; } =
        new Dictionary<string, Func<ComponentContext, IComponent>>(StringComparer.OrdinalIgnoreCase)
        {
            ["bindings.http"] = context => new HttpBinding(context),
            ["bindings.localstorage"] = context => new LocalStorageBinding(context),
            ["secretstores.local.env"] = context => new EnvironmentSecretStore(context, Environment.GetEnvironmentVariables),
            ["secretstores.local.file"] = context => new FileSecretStore(context),
            ["state.in-memory"] = StateStores.InMemory,
            ["state.redis"] = StateStores.Redis,
            ["state.sqlite"] = StateStores.Sqlite,
            ["pubsub.embedded"] = context => new EmbeddedPubSub(context, inMemory: false),
            ["pubsub.in-memory"] = context => new EmbeddedPubSub(context, inMemory: true),
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates a component that is not initialized yet.</summary>
    /// <exception cref="ResourceException">The type is not supported.</exception>
    public static IComponent Create(ComponentContext context)
    {
        var spec = context.Spec;
        if (All.TryGetValue(spec.Type, out var create))
        {
            return create(context);
        }

        throw new ResourceException(
            spec.Source,
            $"component '{spec.Name}': unknown type '{spec.Type}'; the embedded sidecar supports: {string.Join(", ", All.Keys.Order(StringComparer.Ordinal))}");
    }
}
