using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using Google.Protobuf;

using Grpc.Core;
using Grpc.Net.Client;

using Microsoft.Extensions.Time.Testing;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

using StackExchange.Redis;

using DaprProto = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace MLEvents.Local.Sidecar.Tests.State;

/// <summary>
/// Replays recorded calls in their order, and compares the answers with daprd's. The calls that were recorded with daprd's PostgreSQL store go to
/// <c>state.sqlite</c> and <c>state.in-memory</c>. The calls that were recorded with daprd's Redis store go to <c>state.redis</c>.
/// </summary>
public sealed partial class StateReplayTests(RedisServer redis) : IDisposable
{
    private const string Recorded = "pst2";
    private const string RecordedOnRedis = "rst";

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 20, 13, 27, TimeSpan.Zero));

    // The ETag of the embedded store for each ETag of the recording.
    private readonly Dictionary<string, string> _etags = [];

    /// <summary>Cases in which the text or bytes of the answer differ intentionally. The status and the error code are always daprd's.</summary>
    private static readonly Dictionary<string, string> BodyDiffers = new()
    {
        ["get"] = "daprd sorts the keys of a JSON object; here the bytes stay as they were saved",
        ["get_value_unicode"] = "daprd escapes < and > when it writes JSON again; here the bytes stay as they were saved",
        ["save_bad_json"] = "the text is that of the JSON parser",
        ["save_object_not_array"] = "the text is that of the JSON parser",
        ["ttl_number_type"] = "the text is that of the JSON parser",
        ["ttl_bad"] = "daprd's message contains the name of a Go function",
    };

    /// <summary>Cases in which the store on Redis intentionally differs from daprd's: it is stricter, returns more, or supports no queries.</summary>
    private static readonly Dictionary<string, string> RedisDiffers = new()
    {
        ["save_wrong_etag_nonnumeric"] = "daprd refuses the ETag, because it is not a number (400); here the ETag does not match (409), as in the other stores",
        ["grpc_save_bad_etag"] = "as save_wrong_etag_nonnumeric, over gRPC",
        ["save_etag_new_key"] = "daprd writes a missing key although the request has an ETag; here the answer is a conflict",
        ["save_etag_new_key_firstwrite"] = "as save_etag_new_key",
        ["delete_missing_with_etag"] = "as save_etag_new_key, for a delete",
        ["tx_conflict_t3"] = "daprd stores half of a refused transaction; here none of it is stored",
        ["ttl_get"] = "daprd does not report when a value on redis expires; the embedded sidecar does",
        ["grpc_get_ttl"] = "as ttl_get, over gRPC",
        ["query"] = "daprd could query a Redis with modules; here no store can be queried",
        ["grpc_query"] = "as query, over gRPC",
    };

    /// <summary>Cases in which the text of the answer differs: the cases of <see cref="BodyDiffers"/>, and the cases in which daprd's text comes from Redis.</summary>
    private static readonly Dictionary<string, string> RedisWords = new(BodyDiffers)
    {
        ["firstwrite_noetag_existing"] = "the error of daprd's script",
        ["firstwrite_noetag_again"] = "the error of daprd's script",
        ["tx_conflict"] = "the error of daprd's script",
        ["tx_delete_conflict"] = "the error of daprd's script",
        ["grpc_tx_conflict"] = "the error of daprd's script",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("state.sqlite")]
    [InlineData("state.in-memory")]
    public async Task Every_recorded_state_call_has_the_recorded_answer(string type)
    {
        var calls = RecordedCalls.Read("04-state.json")[Recorded]?.AsObject() ?? [];
        string[] metadata = type == "state.sqlite" ? ["connectionString: state.db"] : [];
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Component(Recorded, type, metadata), options => options.Time = _time);
        using var channel = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);

        var differences = new List<string>();
        foreach (var (name, call) in calls)
        {
            if (name is "ttl_get_expired" or "tx_ttl_get")
            {
                _time.Advance(TimeSpan.FromSeconds(3));
            }

            differences.AddRange(await ReplayAsync(sidecar, channel, name, call ?? throw new InvalidDataException(name), BodyDiffers));
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(calls.Count > 85);
    }

    [Fact]
    public async Task Every_call_recorded_on_redis_has_the_recorded_answer_except_for_the_listed_differences()
    {
        await redis.StartOrSkipAsync();
        var (host, number) = (redis.Host, redis.NextDatabase());
        await using var direct = await ConnectionMultiplexer.ConnectAsync(host);
        var calls = RecordedCalls.Read("04-state.json")[RecordedOnRedis]?.AsObject() ?? [];
        await using var sidecar = await TestSidecar.StartAsync(
            _folder, null, Yaml.Component(RecordedOnRedis, "state.redis", $"redisHost: {host}", $"redisDB: {number}"), options => options.Time = _time);
        using var channel = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);

        var different = new Dictionary<string, string>();
        foreach (var (name, call) in calls)
        {
            if (name is "ttl_get_expired" or "tx_ttl_get")
            {
                await ExpireAsync(direct.GetDatabase(number));
            }

            foreach (var difference in await ReplayAsync(sidecar, channel, name, call ?? throw new InvalidDataException(name), RedisWords))
            {
                different[name] = difference;
            }
        }

        Assert.True(different.Keys.ToHashSet().SetEquals(RedisDiffers.Keys), string.Join('\n', different.Values));
        Assert.True(calls.Count > 85);
    }

    public void Dispose() => _folder.Dispose();

    // Keys expire by the clock of the server, which cannot be set. This method therefore deletes the keys.
    private static async Task ExpireAsync(IDatabase database)
    {
        foreach (var key in new RedisKey[] { "rec-app||ttl", "rec-app||ttlq", "rec-app||tt" })
        {
            Assert.True(await database.KeyTimeToLiveAsync(key) is null or { TotalSeconds: <= 2 });
            await database.KeyDeleteAsync(key);
        }
    }

    private async Task<IEnumerable<string>> ReplayAsync(TestSidecar sidecar, GrpcChannel channel, string name, JsonNode call, Dictionary<string, string> bodyDiffers)
    {
        var (expected, actual) = call["method"] is null ? await ReplayHttpAsync(sidecar, call) : await ReplayGrpcAsync(channel, call);
        if (bodyDiffers.ContainsKey(name))
        {
            (expected, actual) = (expected.WithoutText(), actual.WithoutText());
        }

        return expected == actual ? [] : [$"{name}:\n  daprd {expected}\n  here  {actual}"];
    }

    private async Task<(Answer Expected, Answer Actual)> ReplayHttpAsync(TestSidecar sidecar, JsonNode call)
    {
        using var response = await RecordedCalls.SendAsync(sidecar.Http, call["request"] ?? throw new InvalidDataException(), Translate, Token);
        var headers = call["headers"]?.AsArray().ToDictionary(pair => RecordedCalls.Text(pair?[0]), pair => RecordedCalls.Text(pair?[1])) ?? [];
        var etag = Header(response, "ETag");
        if (headers.TryGetValue("Etag", out var recordedETag) && etag is not "" && recordedETag != etag)
        {
            _etags[recordedETag] = etag;
        }

        var bytes = await response.Content.ReadAsByteArrayAsync(Token);
        var (recordedBody, body) = call["body"] is JsonObject binary
            ? (RecordedCalls.Text(binary["base64"]), Convert.ToBase64String(bytes))
            : (RecordedCalls.Text(call["body"]), Encoding.UTF8.GetString(bytes));
        var expires = headers.ContainsKey("Metadata.ttlexpiretime");
        return (
            new($"{call["status"]} etag:{recordedETag is not null} expires:{expires} {headers.GetValueOrDefault("Content-Type")}", Normal(recordedBody)),
            new($"{(int)response.StatusCode} etag:{etag is not ""} expires:{Header(response, "metadata.ttlExpireTime") is not ""} {response.Content.Headers.ContentType}", Normal(body)));
    }

    private async Task<(Answer Expected, Answer Actual)> ReplayGrpcAsync(GrpcChannel channel, JsonNode call)
    {
        var method = DaprProto.Descriptor.FindMethodByName(RecordedCalls.Text(call["method"]));
        var request = JsonParser.Default.Parse(Translate(call["request"]?.ToJsonString() ?? "{}"), method.InputType);
        var reasons = call["details"]?.AsArray().Select(detail => RecordedCalls.Text(detail?["reason"])).Where(reason => reason is not "") ?? [];
        var expected = new Answer(
            $"{RecordedCalls.Text(call["code"])} {string.Join(',', reasons)}", Normal(RecordedCalls.Text(call["message"] ?? call["response"])));
        try
        {
            return (expected, new("OK ", Normal(JsonFormatter.Default.Format(await channel.CallAsync(method, request, Token)))));
        }
        catch (RpcException exception)
        {
            return (expected, new($"{exception.StatusCode} {exception.Reasons()}", Normal(exception.Status.Detail)));
        }
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : "";

    private string Translate(string text) => _etags.Aggregate(text, (result, pair) => result.Replace(pair.Key, pair.Value, StringComparison.Ordinal));

    /// <summary>Removes the parts that change from run to run, and the texts of PostgreSQL and Redis. Sorts the elements of a bulk answer.</summary>
    private static string Normal(string text)
    {
        var normal = ServerMessage().Replace(ETag().Replace(Time().Replace(text, "TIME"), "ETAG"), "");
        if (normal.Length == 0 || normal[0] is not ('{' or '['))
        {
            return normal;
        }

        var json = JsonNode.Parse(normal);
        return json is JsonArray array
            ? string.Join(',', array.Select(item => item?.ToJsonString()).Order(StringComparer.Ordinal))
            : json?.ToJsonString() ?? "";
    }

    [GeneratedRegex(": (invalid UUID length: [0-9]+|ERR user_script:.*?@user_script:[0-9]+\\.)", RegexOptions.ExplicitCapture)]
    private static partial Regex ServerMessage();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex ETag();

    [GeneratedRegex("[0-9-]{10}T[0-9:]{8}Z")]
    private static partial Regex Time();

    [GeneratedRegex("\"errorCode\":\"[A-Z_]+\"")]
    private static partial Regex ErrorCode();

    private sealed record Answer(string Head, string Body)
    {
        public Answer WithoutText() => this with { Body = ErrorCode().Match(Body).Value };
    }
}
