using System.Net;
using System.Text;
using System.Text.Json.Nodes;

using Dapr.Client.Autogen.Grpc.v1;

using Google.Protobuf;

using Grpc.Core;
using Grpc.Net.Client;

using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

using DaprProto = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace MLEvents.Local.Sidecar.Tests.State;

/// <summary>Behavior of the state API that <see cref="StateReplayTests"/> does not cover.</summary>
public sealed class StateApiTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Numbers_and_order_of_keys_stay_as_they_were_written()
    {
        const string value = """{"z":1.0,"a":12345678901234567890,"e":1e3,"s":"<&>"}""";
        await using var sidecar = await StartAsync();

        await SaveAsync(sidecar, $$"""[{"key":"k","value":{{value}}}]""");

        Assert.Equal(value, await sidecar.Http.GetStringAsync(Path("store/k"), Token));
    }

    [Fact]
    public async Task A_key_may_contain_an_encoded_slash_and_percent_signs()
    {
        await using var sidecar = await StartAsync();

        await SaveAsync(sidecar, """[{"key":"a/b%2Fc d","value":1}]""");

        Assert.Equal("1", await sidecar.Http.GetStringAsync(Path("store/a%2Fb%252Fc%20d"), Token));
    }

    [Fact]
    public async Task The_error_for_an_unknown_store_is_that_of_daprd()
    {
        await using var sidecar = await StartAsync();

        using var response = await sidecar.Http.GetAsync(Path("nope/k"), Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(RecordedCalls.Text(RecordedCalls.Read("04-state.json")["unknown_store"]?["http_get"]?["body"]), await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("name", "store||k")]
    [InlineData("none", "k")]
    [InlineData("appid", "rec-app||k")]
    [InlineData("namespace", "rec-app||k")]
    [InlineData("mine", "mine||k")]
    [InlineData("Mine", "mine||k")]
    [InlineData(" mine ", " mine ||k")]
    public async Task The_setting_keyPrefix_determines_the_prefix_of_stored_keys(string strategy, string stored)
    {
        await using (var sidecar = await StartAsync($"keyPrefix: {strategy}"))
        {
            await SaveAsync(sidecar, """[{"key":"k","value":1}]""");
            Assert.Equal("1", await sidecar.Http.GetStringAsync(Path("store/k"), Token));
        }

        using var connection = new SqliteConnection($"Data Source={_folder.Path}/state.db;Pooling=false");
        await connection.OpenAsync(Token);
        using var command = new SqliteCommand("SELECT key FROM state", connection);
        Assert.Equal(stored, await command.ExecuteScalarAsync(Token));
    }

    [Theory]
    [InlineData("keyPrefix: a||b", "must not contain")]
    [InlineData("tableName: x; DROP", "is not a table name; use at most 63 letters (A-Z, a-z), digits and underscores, and no digit at the start")]
    [InlineData("metadataTableName: 1st", "is not a table name")]
    [InlineData("busyTimeout: soon", "is not a duration")]
    [InlineData("tablename2: x", "has unknown metadata items")]
    public async Task A_wrong_setting_stops_the_start(string setting, string expected)
    {
        var error = await Assert.ThrowsAsync<ResourceException>(() => StartAsync(setting));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(":memory:")]
    [InlineData("file::memory:?cache=shared")]
    public async Task A_connection_string_that_names_no_file_is_refused(string connectionString)
    {
        var yaml = Yaml.Component("store", "state.sqlite", $"connectionString: {connectionString}");

        var error = await Assert.ThrowsAsync<ResourceException>(() => TestSidecar.StartAsync(_folder, null, yaml));

        Assert.Contains("state.in-memory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_call_to_a_store_that_cannot_answer_fails_with_an_internal_error()
    {
        await using var sidecar = await StartAsync();
        Drop();

        using var read = await sidecar.Http.GetAsync(Path("store/k"), Token);
        using var write = await sidecar.Http.PostAsync(Path("store"), Json("""[{"key":"k","value":1}]"""), Token);
        using var delete = await sidecar.Http.DeleteAsync(Path("store/k"), Token);
        using var bulk = await sidecar.Http.PostAsync(Path("store/bulk"), Json("""{"keys":["k"]}"""), Token);
        using var transaction = await sidecar.Http.PostAsync(Path("store/transaction"), Json("""{"operations":[{"operation":"delete","request":{"key":"k"}}]}"""), Token);

        HttpResponseMessage[] all = [read, write, delete, bulk, transaction];
        Assert.All(all, response => Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode));
        Assert.Equal(
            ["ERR_STATE_GET", "ERR_STATE_SAVE", "ERR_STATE_DELETE", "ERR_STATE_BULK_GET", "ERR_STATE_TRANSACTION"],
            await Task.WhenAll(all.Select(ErrorCodeAsync)));
    }

    [Theory]
    [InlineData("store", """[{"key":"k","value":1,"options":{"consistency":"nope"}}]""", "ERR_STATE_SAVE")]
    [InlineData("store", "null", "ERR_MALFORMED_REQUEST")]
    [InlineData("store", "", "ERR_MALFORMED_REQUEST")]
    [InlineData("store/transaction", """{"operations":[{"operation":"upsert"}]}""", "ERR_MALFORMED_REQUEST")]
    [InlineData("store/transaction", """{"operations":[{"operation":"upsert","request":{"value":1}}]}""", "ERR_MALFORMED_REQUEST")]
    [InlineData("store/transaction", """{"operations":[{"request":{"key":"k"}}]}""", "ERR_NOT_SUPPORTED_STATE_OPERATION")]
    [InlineData("store/bulk", """{"keys":["a||b"]}""", "ERR_MALFORMED_REQUEST")]
    public async Task An_invalid_request_is_refused(string path, string body, string code)
    {
        await using var sidecar = await StartAsync();

        using var response = await sidecar.Http.PostAsync(Path(path), Json(body), Token);

        Assert.Equal(code, await ErrorCodeAsync(response));
    }

    [Fact]
    public async Task A_transaction_is_refused_if_the_key_of_a_first_write_exists()
    {
        await using var sidecar = await StartAsync();
        await SaveAsync(sidecar, """[{"key":"taken","value":1}]""");

        using var response = await sidecar.Http.PostAsync(
            Path("store/transaction"),
            Json("""{"operations":[{"operation":"upsert","request":{"key":"k","value":1}},{"operation":"upsert","request":{"key":"taken","value":2,"options":{"concurrency":"first-write"}}}]}"""),
            Token);

        Assert.Equal("ERR_STATE_TRANSACTION", await ErrorCodeAsync(response));
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.Http.GetAsync(Path("store/k"), Token)).StatusCode);
    }

    [Fact]
    public async Task A_bulk_answer_contains_an_error_for_a_value_that_is_not_JSON()
    {
        await using var sidecar = await StartAsync();
        using var channel = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);
        var save = new SaveStateRequest { StoreName = "store", States = { new Dapr.Client.Autogen.Grpc.v1.StateItem { Key = "bin", Value = ByteString.CopyFrom(0xff) } } };
        await channel.CallAsync(DaprProto.Descriptor.FindMethodByName("SaveState"), save, Token);

        using var response = await sidecar.Http.PostAsync(Path("store/bulk"), Json("""{"keys":["bin"]}"""), Token);

        var item = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))?[0];
        Assert.NotNull(item?["error"]);
        Assert.Null(item["data"]);
    }

    [Fact]
    public async Task A_bulk_delete_over_gRPC_reports_a_stale_etag_and_deletes_the_other_keys()
    {
        await using var sidecar = await StartAsync();
        using var channel = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);
        await SaveAsync(sidecar, """[{"key":"a","value":1},{"key":"b","value":1}]""");
        var request = new DeleteBulkStateRequest { StoreName = "store" };
        request.States.Add(new Dapr.Client.Autogen.Grpc.v1.StateItem { Key = "a", Etag = new Etag { Value = "stale" } });
        request.States.Add(new Dapr.Client.Autogen.Grpc.v1.StateItem { Key = "b" });

        var refusal = await Assert.ThrowsAsync<RpcException>(() => channel.CallAsync(DaprProto.Descriptor.FindMethodByName("DeleteBulkState"), request, Token));

        Assert.Equal((StatusCode.Aborted, "ERR_STATE_DELETE"), (refusal.StatusCode, refusal.Reasons()));
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.Http.GetAsync(Path("store/b"), Token)).StatusCode);
    }

    public void Dispose() => _folder.Dispose();

    private static Uri Path(string path) => new($"/v1.0/state/{path}", UriKind.Relative);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<string> ErrorCodeAsync(HttpResponseMessage response) =>
        RecordedCalls.Text(JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))?["errorCode"]);

    private static async Task SaveAsync(TestSidecar sidecar, string body) =>
        (await sidecar.Http.PostAsync(Path("store"), Json(body), Token)).EnsureSuccessStatusCode();

    private Task<TestSidecar> StartAsync(params string[] settings) =>
        TestSidecar.StartAsync(_folder, null, Yaml.Component("store", "state.sqlite", ["connectionString: state.db", .. settings]));

    private void Drop()
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Path}/state.db;Pooling=false");
        connection.Open();
        using var command = new SqliteCommand("DROP TABLE state", connection);
        command.ExecuteNonQuery();
    }
}
