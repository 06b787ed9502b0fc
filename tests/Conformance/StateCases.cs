using System.Net;
using System.Text.Json.Nodes;

using Dapr.Client.Autogen.Grpc.v1;

using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

using Grpc.Net.Client;

namespace MLEvents.Conformance;

/// <summary>Behaviour that the ledger needs: get, save, delete and ETags.</summary>
public abstract class StateCases<TRuntime> : Cases<TRuntime>
    where TRuntime : IRuntime, new()
{
    [Fact]
    public async Task A_value_is_read_as_it_was_saved_and_a_missing_value_is_no_error()
    {
        await using var dapr = await StartAsync(Setup());

        var missing = await GetAsync(dapr);
        var saved = await SaveAsync(dapr, """{"n":1,"text":"<é>"}""");
        var found = await GetAsync(dapr);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (missing.Status, saved));
        Assert.Equal(HttpStatusCode.OK, found.Status);
        // The JSON values are compared, not the texts, because the component state.redis of daprd writes the members of an object in any order.
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"n":1,"text":"<é>"}"""), JsonNode.Parse(found.Body)), found.Body);
    }

    /// <summary>The exact value is saved and read over gRPC, because daprd decodes a value that is saved over HTTP and changes its numbers (0.123456789 becomes 0.123457).</summary>
    [Fact]
    public async Task A_value_saved_over_grpc_is_read_back_byte_for_byte()
    {
        var value = ByteString.CopyFromUtf8("""{"n":1.0,"big":12345678901234567890}""");
        await using var dapr = await StartAsync(Setup());
        using var channel = GrpcChannel.ForAddress(dapr.GrpcAddress);
        var save = new SaveStateRequest { StoreName = "statestore", States = { new StateItem { Key = "k", Value = value } } };

        await channel.CallAsync<SaveStateRequest, Empty>("SaveState", save, Token);
        var found = await channel.CallAsync<GetStateRequest, GetStateResponse>("GetState", new GetStateRequest { StoreName = "statestore", Key = "k" }, Token);

        Assert.Equal(value, found.Data);
    }

    [Fact]
    public async Task A_save_with_the_current_etag_succeeds_and_a_save_with_a_stale_etag_is_a_conflict()
    {
        await using var dapr = await StartAsync(Setup());
        await SaveAsync(dapr, "1");
        var etag = (await GetAsync(dapr)).ETag;

        Assert.Equal(HttpStatusCode.NoContent, await SaveAsync(dapr, "2", etag));
        Assert.Equal(HttpStatusCode.Conflict, await SaveAsync(dapr, "3", etag));
        Assert.Equal("2", (await GetAsync(dapr)).Body);
    }

    [Fact]
    public async Task A_delete_with_a_stale_etag_is_refused()
    {
        await using var dapr = await StartAsync(Setup());
        await SaveAsync(dapr, "1");
        var stale = (await GetAsync(dapr)).ETag;
        await SaveAsync(dapr, "2");

        Assert.Equal(HttpStatusCode.Conflict, await DeleteAsync(dapr, stale));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(dapr, (await GetAsync(dapr)).ETag));
        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(dapr)).Status);
    }

    [Fact]
    public async Task Exactly_one_of_many_first_writes_succeeds()
    {
        await using var dapr = await StartAsync(Setup());

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => SaveAsync(dapr, $"{n}")));

        // The status of a failed first write differs between stores. A caller therefore has to read the key again to find out which value was written.
        var won = Assert.Single(Enumerable.Range(0, 20), n => answers[n] == HttpStatusCode.NoContent);
        Assert.Equal($"{won}", (await GetAsync(dapr)).Body);

        async Task<HttpStatusCode> SaveAsync(RunningDapr dapr, string value)
        {
            using var body = Body($$$"""[{"key":"k","value":{{{value}}},"options":{"concurrency":"first-write"}}]""");
            using var answer = await dapr.Http.PostAsync(At("/v1.0/state/statestore"), body, Token);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_value_with_a_time_to_live_of_a_second_expires()
    {
        await using var dapr = await StartAsync(Setup());
        using var body = Body("""[{"key":"k","value":1,"metadata":{"ttlInSeconds":"1"}}]""");
        using var answer = await dapr.Http.PostAsync(At("/v1.0/state/statestore"), body, Token);

        await Poll.UntilAsync(_ => GetAsync(dapr), found => found.Status == HttpStatusCode.NoContent, Token);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task Each_app_has_its_own_values()
    {
        await using var mine = await StartAsync(Setup());
        await using var other = await StartAsync(Setup() with { AppId = AppId + "-other" });

        await SaveAsync(mine, "1");

        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(other)).Status);
    }

    private static async Task<(HttpStatusCode Status, string Body, string ETag)> GetAsync(RunningDapr dapr)
    {
        using var answer = await dapr.Http.GetAsync(At("/v1.0/state/statestore/k"), Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token), answer.Headers.TryGetValues("ETag", out var etags) ? etags.Single() : "");
    }

    private static async Task<HttpStatusCode> SaveAsync(RunningDapr dapr, string value, string? etag = null)
    {
        using var body = Body(etag is null ? $$"""[{"key":"k","value":{{value}}}]""" : $$"""[{"key":"k","value":{{value}},"etag":"{{etag}}"}]""");
        using var answer = await dapr.Http.PostAsync(At("/v1.0/state/statestore"), body, Token);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> DeleteAsync(RunningDapr dapr, string etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, At("/v1.0/state/statestore/k"));
        request.Headers.TryAddWithoutValidation("If-Match", etag);
        using var answer = await dapr.Http.SendAsync(request, Token);
        return answer.StatusCode;
    }
}

public sealed class StateOnEmbedded : StateCases<EmbeddedSidecar>;

public sealed class StateOnDaprd : StateCases<Daprd>;
