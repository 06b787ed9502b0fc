using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Dapr.Client;

using Microsoft.AspNetCore.Http.Json;

namespace MLEvents.State;

/// <summary>
/// Reads and writes state stores through the Dapr sidecar. Operations that wait while a call is in flight share the next call.
/// If a shared call fails or loses a race, each operation still gets the result that a separate call would give.
/// </summary>
/// <remarks>
/// The state store's component must have no outbound retry policy. After a bulk write that failed in part, daprd 1.17 repeats only the writes without a conflict.
/// If these succeed, it reports success for all.
/// </remarks>
public sealed class StateClient
{
    private static readonly ConditionalWeakTable<DaprClient, StateClient> Clients = [];

    private readonly DaprClient _dapr;
    private readonly CallTimeout _timeout;
    private readonly ConcurrentDictionary<string, Store> _stores = [];

    internal StateClient(DaprClient dapr, TimeProvider time) => (_dapr, _timeout, Json) = (dapr, new CallTimeout(time), WithResolver(dapr.JsonSerializerOptions));

    /// <summary>The JSON contract of the values that this library passes to <see cref="DaprClient"/>. JSON settings that do not use reflection must include it.</summary>
    public static IJsonTypeInfoResolver JsonContract => StateJson.Default;

    /// <summary>The JSON settings of the values, from the <see cref="DaprClient"/>. If these settings have no resolver of types, the default resolver of ASP.NET Core is used.</summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>The client for a sidecar. All users of a <see cref="DaprClient"/> share one instance, so that their operations can share calls.</summary>
    public static StateClient For(DaprClient dapr) => Clients.GetValue(dapr, static key => new StateClient(key, TimeProvider.System));

    /// <summary>Finds a value.</summary>
    /// <returns>Null if the key does not exist.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, or the value is not JSON.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer within 30 s.</exception>
    public Task<StateItem?> FindAsync(string store, string key, CancellationToken cancellationToken)
    {
        var read = new PendingRead(key, cancellationToken);
        StoreOf(store).Reads.Add(read);
        return read.Item.WaitAsync(cancellationToken);
    }

    /// <summary>Writes a value if its condition holds.</summary>
    /// <returns>Whether the key now holds the value; if not, the value that it holds.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, or refuses the value.</exception>
    /// <exception cref="TimeoutException">The sidecar did not answer within 30 s. The value may have been written.</exception>
    public Task<StateWriteResult> WriteAsync(string store, StateWrite write, CancellationToken cancellationToken)
    {
        var pending = new PendingWrite(write, cancellationToken);
        StoreOf(store).Writes.Add(pending);
        return pending.Result.WaitAsync(cancellationToken);
    }

    // The default resolver of ASP.NET Core uses reflection unless the program disables reflection for JSON.
    private static JsonSerializerOptions WithResolver(JsonSerializerOptions settings) =>
        settings.TypeInfoResolver is null ? new(settings) { TypeInfoResolver = new JsonOptions().SerializerOptions.TypeInfoResolver } : settings;

    private Store StoreOf(string name) => _stores.GetOrAdd(name, static (key, client) => Store.Create(client._dapr, key, client._timeout), this);

    private sealed record Store(CallBatcher<PendingRead> Reads, CallBatcher<PendingWrite> Writes)
    {
        public static Store Create(DaprClient dapr, string name, CallTimeout timeout)
        {
            var reads = new StoreReads(dapr, name, timeout);
            return new(new(reads.SendAsync), new(new StoreWrites(dapr, name, timeout, reads).SendAsync));
        }
    }
}
