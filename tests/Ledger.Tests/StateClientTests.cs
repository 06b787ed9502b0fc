using System.Text;
using System.Text.Json;

using Dapr.Client;
using Dapr.Client.Autogen.Grpc.v1;

using Grpc.Core;

using MLEvents.State;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>Operations that share calls have the same results as separate operations, even if a shared call fails or fails in part.</summary>
public sealed class StateClientTests
{
    private const string Store = "statestore";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operation_that_finds_no_call_in_flight_is_sent_at_once_and_operations_that_wait_share_the_next_call()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        var gate = new TaskCompletionSource();
        var first = new TaskCompletionSource();
        sidecar.Calls.OnCall = async call =>
        {
            first.TrySetResult();
            await gate.Task;
            return await call.ForwardAsync();
        };

        var alone = sidecar.CreateAsync("first", "0", Token);
        await first.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        var together = Enumerable.Range(0, 20).Select(n => sidecar.CreateAsync($"k{n}", "1", Token)).ToList();
        gate.SetResult();

        Assert.All(await Task.WhenAll([alone, .. together]), result => Assert.True(result.IsWritten));
        Assert.Equal(["SaveState", "SaveState"], sidecar.Calls.Methods);
    }

    [Fact]
    public async Task Reads_that_share_a_call_have_their_own_results()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        await sidecar.CreateAsync("a", "1", Token);
        await sidecar.CreateAsync("b", "2", Token);

        var items = await Task.WhenAll(await sidecar.ReadTogetherAsync(Token, "a", "none", "b", "a"));

        Assert.Equal(["1", null, "2", "1"], items.Select(item => item?.Value.GetRawText()));
    }

    // In a bulk read, Dapr.Client does not return the error of a key. A key that daprd could not read therefore looks like a key that does not exist.
    [Fact]
    public async Task A_key_that_a_shared_read_does_not_find_is_read_alone()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        await sidecar.CreateAsync("a", "1", Token);
        await sidecar.CreateAsync("b", "2", Token);
        sidecar.Calls.OnCall = call => call.Method == "GetBulkState"
            ? call.ForwardAsync(new GetBulkStateRequest { StoreName = Store, Keys = { call.Read(GetBulkStateRequest.Parser).Keys.Where(key => key != "b") } })
            : call.ForwardAsync();

        var items = await Task.WhenAll(await sidecar.ReadTogetherAsync(Token, "a", "b"));

        Assert.Equal(["1", "2"], items.Select(item => item?.Value.GetRawText()));
    }

    [Fact]
    public async Task A_shared_read_whose_answer_is_too_large_is_repeated_key_by_key()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        await sidecar.CreateAsync("a", "1", Token);
        await sidecar.CreateAsync("b", "2", Token);
        sidecar.Calls.OnCall = call => call.Method == "GetBulkState" ? Task.FromResult(SidecarCall.Fail(StatusCode.ResourceExhausted)) : call.ForwardAsync();

        var items = await Task.WhenAll(await sidecar.ReadTogetherAsync(Token, "a", "b"));

        Assert.Equal(["1", "2"], items.Select(item => item?.Value.GetRawText()));
    }

    [Fact]
    public async Task A_value_that_cannot_be_read_fails_only_its_own_read()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        await sidecar.CreateAsync("good", "1", Token);
        sidecar.Calls.OnCall = UnreadableAsync;

        var reads = await sidecar.ReadTogetherAsync(Token, "bad", "good");

        Assert.Equal("1", (await reads[1])?.Value.GetRawText());
        await Assert.ThrowsAsync<Dapr.DaprException>(() => reads[0]);
    }

    [Fact]
    public async Task A_stored_value_that_cannot_be_read_fails_only_its_own_write()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        await sidecar.CreateAsync("taken", "1", Token);
        sidecar.Calls.OnCall = UnreadableAsync;

        var writes = await sidecar.WriteTogetherAsync(Token, ("bad", "2", null), ("taken", "2", null), ("free", "2", null));

        Assert.Equal("1", (await writes[1]).Existing?.Value.GetRawText());
        Assert.True((await writes[2]).IsWritten);
        await Assert.ThrowsAsync<Dapr.DaprException>(() => writes[0]);
    }

    [Fact]
    public async Task If_writes_share_a_call_only_the_writes_whose_condition_fails_are_refused()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        await sidecar.CreateAsync("taken", "1", Token);
        await sidecar.CreateAsync("stale", "1", Token);
        await sidecar.CreateAsync("known", "1", Token);
        var etag = (await sidecar.Client.FindAsync(Store, "known", Token))?.ETag;

        var results = await Task.WhenAll(await sidecar.WriteTogetherAsync(Token, ("new", "2", null), ("taken", "2", null), ("stale", "2", "no-such-etag"), ("known", "2", etag)));

        Assert.Equal([true, false, false, true], results.Select(result => result.IsWritten));
        Assert.Equal([null, "1", "1", null], results.Select(result => result.Existing?.Value.GetRawText()));
        Assert.Equal(["2", "1", "1", "2"], await sidecar.ReadAsync(["new", "taken", "stale", "known"], Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task All_values_are_written_although_a_shared_write_fails_after_it_wrote_none_some_or_all_of_them(int written)
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        var isFirst = true;
        sidecar.Calls.OnCall = async call =>
        {
            if (call.Method != "SaveState" || !isFirst || call.Read(SaveStateRequest.Parser).States.Count == 1)
            {
                return await call.ForwardAsync();
            }

            isFirst = false;
            using var ignored = await call.ForwardAsync(new SaveStateRequest { StoreName = Store, States = { call.Read(SaveStateRequest.Parser).States.Take(written) } });
            return SidecarCall.Fail(StatusCode.Internal);
        };

        var results = await Task.WhenAll(await sidecar.WriteTogetherAsync(Token, [.. Enumerable.Range(0, 5).Select(n => ($"k{n}", $"{n}", default(string)))]));

        Assert.False(isFirst);
        Assert.All(results, result => Assert.True(result.IsWritten));
        Assert.Equal(["0", "1", "2", "3", "4"], await sidecar.ReadAsync(["k0", "k1", "k2", "k3", "k4"], Token));
    }

    [Fact]
    public async Task While_the_store_is_unavailable_each_operation_fails_and_later_writes_succeed()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        sidecar.Calls.OnCall = _ => Task.FromResult(SidecarCall.Fail(StatusCode.Unavailable));

        var writes = Enumerable.Range(0, 3).Select(n => sidecar.CreateAsync($"k{n}", "1", Token)).ToList();
        var reads = Enumerable.Range(0, 3).Select(n => sidecar.Client.FindAsync(Store, $"k{n}", Token)).ToList();
        foreach (var operation in writes.Cast<Task>().Concat(reads))
        {
            Assert.True(DaprFailures.IsTransient(await Assert.ThrowsAsync<Dapr.DaprException>(() => operation)));
        }

        sidecar.Calls.OnCall = call => call.ForwardAsync();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 3).Select(n => sidecar.CreateAsync($"k{n}", "1", Token))), result => Assert.True(result.IsWritten));
    }

    [Fact]
    public async Task A_refused_value_fails_only_its_own_write()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        sidecar.Calls.OnCall = call => call.Method == "SaveState" && call.Read(SaveStateRequest.Parser).States.Any(state => state.Key == "bad")
            ? Task.FromResult(SidecarCall.Fail(StatusCode.InvalidArgument))
            : call.ForwardAsync();

        var writes = await sidecar.WriteTogetherAsync(Token, ("bad", "1", null), ("good", "1", null));

        Assert.True((await writes[1]).IsWritten);
        await Assert.ThrowsAsync<Dapr.DaprException>(() => writes[0]);
    }

    [Fact]
    public async Task A_caller_that_stops_waiting_does_not_affect_the_other_callers()
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var given = sidecar.CreateAsync("given-up", "1", cancelled.Token);
        var other = sidecar.CreateAsync("other", "1", Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.True((await other).IsWritten);
        Assert.Equal([null, "1"], await sidecar.ReadAsync(["given-up", "other"], Token));
    }

    // Each call writes a random part of its items and then fails. At most one write of a key is reported as successful, and its value is stored.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task At_most_one_of_concurrent_creators_succeeds_under_partial_failures(int seed)
    {
        await using var sidecar = await StateFixture.StartAsync(Token);
        var (random, isShared) = (new Random(seed), false);
        sidecar.Calls.OnCall = async call =>
        {
            if (call.Method != "SaveState")
            {
                return await call.ForwardAsync();
            }

            List<Dapr.Client.Autogen.Grpc.v1.StateItem> states = [.. call.Read(SaveStateRequest.Parser).States];
            List<Dapr.Client.Autogen.Grpc.v1.StateItem> written;
            lock (random)
            {
                written = [.. states.Where(_ => random.NextDouble() < 0.6)];
                isShared |= states.Count > 1;
            }

            using var ignored = written.Count == 0 ? null : await call.ForwardAsync(new SaveStateRequest { StoreName = Store, States = { written } });
            return SidecarCall.Fail(StatusCode.Internal);
        };

        var results = await Task.WhenAll(Enumerable.Range(0, 96).Select(n => TryCreateAsync(sidecar, $"k{n % 8}", n)));

        foreach (var key in results.GroupBy(result => result.Key))
        {
            var winners = key.Where(result => result.IsWritten).Select(result => $"{result.Writer}").ToList();
            var stored = Assert.Single(await sidecar.ReadAsync([key.Key], Token));
            Assert.True(winners.Count <= 1, $"{key.Key} has {winners.Count} creators.");
            Assert.All(winners, winner => Assert.Equal(winner, stored));
        }

        Assert.True(isShared);
    }

    // The store can neither read nor write the key 'bad', alone or with others.
    private static Task<HttpResponseMessage> UnreadableAsync(SidecarCall call) =>
        StateFixture.KeysOf(call).Contains("bad") ? Task.FromResult(SidecarCall.Fail(StatusCode.ResourceExhausted)) : call.ForwardAsync();

    private static async Task<(string Key, int Writer, bool IsWritten)> TryCreateAsync(StateFixture sidecar, string key, int writer)
    {
        try
        {
            return (key, writer, (await sidecar.CreateAsync(key, $"{writer}", Token)).IsWritten);
        }
        catch (Dapr.DaprException)
        {
            // The writer does not know whether the value was written.
            return (key, writer, false);
        }
    }
}

/// <summary>An embedded sidecar and a client whose calls the test controls.</summary>
internal sealed class StateFixture(LedgerFixture ledger, SidecarCalls calls, DaprClient dapr) : IAsyncDisposable
{
    public SidecarCalls Calls => calls;

    public StateClient Client { get; } = StateClient.For(dapr);

    public static async Task<StateFixture> StartAsync(CancellationToken cancellationToken)
    {
        var ledger = await LedgerFixture.StartAsync((_, _) => new Succeeded(), cancellationToken);
        var calls = new SidecarCalls();
        return new(ledger, calls, calls.CreateClient(ledger.Fixture.Settings["DAPR_GRPC_ENDPOINT"] ?? "", apiToken: ledger.Fixture.Settings.GetValueOrDefault("DAPR_API_TOKEN")));
    }

    public Task<StateWriteResult> CreateAsync(string key, string json, CancellationToken cancellationToken) => UpdateAsync(key, json, etag: null, cancellationToken);

    public Task<StateWriteResult> UpdateAsync(string key, string json, string? etag, CancellationToken cancellationToken) =>
        Client.WriteAsync("statestore", new StateWrite(key, Encoding.UTF8.GetBytes(json), etag, TimeToLive.Unset), cancellationToken);

    /// <summary>Begins reads that share a call. A second read of a key follows in another call.</summary>
    public Task<IReadOnlyList<Task<MLEvents.State.StateItem?>>> ReadTogetherAsync(CancellationToken cancellationToken, params IReadOnlyList<string> keys) =>
        BeginTogetherAsync(keys, key => Client.FindAsync("statestore", key, cancellationToken), () => Client.FindAsync("statestore", "earlier", cancellationToken), cancellationToken);

    /// <summary>Begins writes that share a call.</summary>
    public Task<IReadOnlyList<Task<StateWriteResult>>> WriteTogetherAsync(CancellationToken cancellationToken, params IReadOnlyList<(string Key, string Json, string? ETag)> writes)
    {
        var byKey = writes.ToDictionary(write => write.Key);
        return BeginTogetherAsync(
            [.. writes.Select(write => write.Key)], key => UpdateAsync(key, byKey[key].Json, byKey[key].ETag, cancellationToken), () => CreateAsync("earlier", "0", cancellationToken), cancellationToken);
    }

    /// <summary>The keys of a call.</summary>
    public static IReadOnlyList<string> KeysOf(SidecarCall call) => call.Method switch
    {
        "GetBulkState" => [.. call.Read(GetBulkStateRequest.Parser).Keys],
        "GetState" => [call.Read(GetStateRequest.Parser).Key],
        _ => [.. call.Read(SaveStateRequest.Parser).States.Select(state => state.Key)],
    };

    // Operations that begin while another call is in flight share the next call. The keys of the next call prove that the operations share it.
    private async Task<IReadOnlyList<Task<T>>> BeginTogetherAsync<T>(IReadOnlyList<string> keys, Func<string, Task<T>> begin, Func<Task> beginEarlier, CancellationToken cancellationToken)
    {
        var onCall = calls.OnCall;
        var (sent, gate, shared) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource<IReadOnlyList<string>>());
        calls.OnCall = async call =>
        {
            sent.TrySetResult();
            await gate.Task;
            return await call.ForwardAsync();
        };
        var earlier = beginEarlier();
        await sent.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken);
        calls.OnCall = call =>
        {
            shared.TrySetResult(KeysOf(call));
            return onCall(call);
        };
        List<Task<T>> begun = [.. keys.Select(begin)];
        gate.SetResult();
        await earlier;
        Assert.Equal(keys.Distinct(), await shared.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken));
        return begun;
    }

    /// <summary>Reads the store with another client.</summary>
    public async Task<IReadOnlyList<string?>> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var values = new List<string?>();
        foreach (var key in keys)
        {
            var value = await ledger.Fixture.Dapr.GetStateAsync<JsonElement?>("statestore", key, cancellationToken: cancellationToken);
            values.Add(value?.GetRawText());
        }

        return values;
    }

    public async ValueTask DisposeAsync()
    {
        dapr.Dispose();
        calls.Dispose();
        await ledger.DisposeAsync();
    }
}
