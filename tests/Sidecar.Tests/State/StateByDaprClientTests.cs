using Dapr;
using Dapr.Client;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.State;

/// <summary>The state API through the SDK that the services use.</summary>
public sealed class StateByDaprClientTests : IDisposable
{
    private const string Store = "store";
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_is_saved_read_and_deleted()
    {
        await using var sidecar = await StartAsync();
        var dapr = sidecar.Dapr;

        await dapr.SaveStateAsync(Store, "k", new Dictionary<string, double> { ["threshold"] = 0.3 }, cancellationToken: Token);
        var (value, etag) = await dapr.GetStateAndETagAsync<Dictionary<string, double>>(Store, "k", cancellationToken: Token);
        await dapr.DeleteStateAsync(Store, "k", cancellationToken: Token);

        Assert.Equal(0.3, value["threshold"]);
        Assert.NotEmpty(etag);
        Assert.Null(await dapr.GetStateAsync<object?>(Store, "k", cancellationToken: Token));
    }

    [Fact]
    public async Task A_call_with_a_stale_etag_saves_and_deletes_nothing()
    {
        await using var sidecar = await StartAsync();
        var dapr = sidecar.Dapr;
        await dapr.SaveStateAsync(Store, "k", 1, cancellationToken: Token);
        var (_, etag) = await dapr.GetStateAndETagAsync<int>(Store, "k", cancellationToken: Token);

        Assert.True(await dapr.TrySaveStateAsync(Store, "k", 2, etag, cancellationToken: Token));
        Assert.False(await dapr.TrySaveStateAsync(Store, "k", 3, etag, cancellationToken: Token));
        Assert.False(await dapr.TryDeleteStateAsync(Store, "k", etag, cancellationToken: Token));
        Assert.Equal(2, await dapr.GetStateAsync<int>(Store, "k", cancellationToken: Token));
    }

    [Fact]
    public async Task Several_keys_are_read_at_once()
    {
        await using var sidecar = await StartAsync();
        await sidecar.Dapr.SaveBulkStateAsync<int>(Store, [new("a", 1, ""), new("b", 2, "")], Token);

        var items = await sidecar.Dapr.GetBulkStateAsync(Store, ["a", "b", "none"], parallelism: null, cancellationToken: Token);

        Assert.Equal([("a", "1"), ("b", "2"), ("none", "")], items.Select(item => (item.Key, item.Value)));
    }

    [Fact]
    public async Task A_transaction_applies_all_operations_or_none()
    {
        await using var sidecar = await StartAsync();
        var dapr = sidecar.Dapr;
        await dapr.SaveStateAsync(Store, "old", 1, cancellationToken: Token);

        await dapr.ExecuteStateTransactionAsync(
            Store, [new("new", "1"u8.ToArray(), StateOperationType.Upsert), new("old", [], StateOperationType.Delete)], cancellationToken: Token);
        await Assert.ThrowsAsync<DaprException>(() => dapr.ExecuteStateTransactionAsync(
            Store,
            [new("third", "1"u8.ToArray(), StateOperationType.Upsert), new("new", "2"u8.ToArray(), StateOperationType.Upsert, "stale", options: FirstWrite)],
            cancellationToken: Token));

        var items = await dapr.GetBulkStateAsync(Store, ["new", "old", "third"], parallelism: null, cancellationToken: Token);
        Assert.Equal(["1", "", ""], items.Select(item => item.Value));
    }

    [Fact]
    public async Task Exactly_one_of_many_clients_that_claim_a_key_succeeds()
    {
        await using var sidecar = await StartAsync();

        var winners = await Task.WhenAll(Enumerable.Range(0, 40).Select(client => ClaimAsync(sidecar.Dapr, client)));

        var winner = Assert.Single(winners.OfType<int>());
        Assert.Equal(winner, await sidecar.Dapr.GetStateAsync<int>(Store, "claim", cancellationToken: Token));
    }

    [Fact]
    public async Task Exactly_one_claim_succeeds_if_the_clients_use_two_sidecars_with_the_same_file()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();

        var winners = await Task.WhenAll(Enumerable.Range(0, 40).Select(client => ClaimAsync((client % 2 == 0 ? one : other).Dapr, client)));

        Assert.Single(winners.OfType<int>());
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<int?> ClaimAsync(DaprClient dapr, int client)
    {
        try
        {
            await dapr.SaveStateAsync(Store, "claim", client, FirstWrite, cancellationToken: Token);
            return client;
        }
        catch (DaprException)
        {
            // Another caller was first.
            return null;
        }
    }

    private Task<TestSidecar> StartAsync() =>
        TestSidecar.StartAsync(_folder, null, Yaml.Component(Store, "state.sqlite", "connectionString: state.db", "busyTimeout: 5s"));
}
