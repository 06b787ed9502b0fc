using System.Text.Json.Nodes;

using Dapr.Client.Autogen.Grpc.v1;

using Google.Protobuf;

using Grpc.Core;
using Grpc.Net.Client;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

using DaprProto = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace MLEvents.Local.Sidecar.Tests.Bindings;

/// <summary>
/// Sends the recorded binding and secret calls to the embedded sidecar. Compares the answers with the recorded answers, and the requests that the web server
/// received with the recorded requests.
/// </summary>
public sealed class BindingReplayTests : IDisposable
{
    private const string RecordedTarget = "http://127.0.0.1:7332";
    private const string SecretVariable = "MY_ENV_SECRET";

    private static readonly string[] ComparedHeaders = ["User-Agent", "Accept", "Content-Type", "Authorization", "X-Mine", "x-lower", "X-Tok"];

    private static readonly Dictionary<string, string> Differs = new()
    {
        ["http_binding.path_dotdot"] = "refused: a path must not leave the component's address",
        ["http_binding.path_query"] = "the embedded sidecar encodes the space, so the request is not malformed",
        ["http_binding.trace"] = "the recorder's web server had no TRACE",
        ["http_binding.traceparent"] = "the embedded sidecar has no tracer and passes the caller's trace on unchanged",
        ["http_binding.down"] = "the text for a refused connection is that of .NET",
        ["http_binding.bad_json"] = "the text is that of the JSON parser",
        ["localstorage.get_missing"] = "the answer contains the path of the folder",
        ["localstorage.list"] = "the answer contains the path of the folder",
        ["secrets.file_nested_number"] = "5 instead of Go's %!s(float64=5)",
        ["secrets.file_bool"] = "true instead of Go's %!s(bool=true)",
        ["secrets.file_bulk"] = "numbers and booleans as above",
        ["secrets.dot_bulk"] = "numbers and booleans as above",
        ["secrets.grpc_bulk"] = "numbers and booleans as above",
    };

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http_binding")]
    [InlineData("localstorage")]
    [InlineData("secrets")]
    public async Task Each_call_has_the_recorded_answer_except_for_the_known_differences(string block)
    {
        var calls = RecordedCalls.Read("05-bindings-secrets-errors-tokens.json")[block]?.AsObject() ?? [];
        await using var target = await WebTarget.StartAsync();
        Environment.SetEnvironmentVariable(SecretVariable, "envv");
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Resources(target), options => options.ConfigFile = Configuration());
        using var channel = GrpcChannel.ForAddress(sidecar.Host.GrpcAddress);

        var differences = new List<string>();
        foreach (var (name, recorded) in calls)
        {
            var call = recorded?["call"] ?? recorded ?? throw new InvalidDataException(name);
            var before = target.Calls.Count;
            var (expected, actual) = call["method"] is null ? await ReplayHttpAsync(sidecar, target, call) : await ReplayGrpcAsync(channel, target, call);
            if (!Differs.ContainsKey($"{block}.{name}"))
            {
                differences.AddRange(Compare(name, expected, actual));
                differences.AddRange(Compare(name, Requests(recorded?["target"]), Requests(target.Calls.Skip(before))));
            }
            else if (expected.Split(' ')[0] != actual.Split(' ')[0] && name is not ("path_query" or "trace"))
            {
                differences.Add($"{name}: {expected} / {actual}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.NotEmpty(calls);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(SecretVariable, null);
        _folder.Dispose();
    }

    private static IEnumerable<string> Compare(string name, string expected, string actual) =>
        expected == actual ? [] : [$"{name}:\n  daprd {expected}\n  here  {actual}"];

    private static async Task<(string Expected, string Actual)> ReplayHttpAsync(TestSidecar sidecar, WebTarget target, JsonNode call)
    {
        using var response = await RecordedCalls.SendAsync(sidecar.Http, call["request"] ?? throw new InvalidDataException(), text => text, Token);
        var headers = call["headers"]?.AsArray().ToDictionary(pair => RecordedCalls.Text(pair?[0]), pair => RecordedCalls.Text(pair?[1])) ?? [];
        var actual = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(",", header.Value));
        var body = await response.Content.ReadAsStringAsync(Token);
        return (
            $"{call["status"]} {Metadata(headers)} {headers.GetValueOrDefault("Content-Type")} {RecordedCalls.Text(call["body"]).TrimEnd()}",
            $"{(int)response.StatusCode} {Metadata(actual)} {response.Content.Headers.ContentType} {body.Replace(target.Address, RecordedTarget, StringComparison.Ordinal).TrimEnd()}");
    }

    private static string Metadata(IEnumerable<KeyValuePair<string, string>> headers) => string.Join(';', headers
        .Where(header => header.Key.StartsWith("metadata.", StringComparison.OrdinalIgnoreCase) && !header.Key.EndsWith(".date", StringComparison.OrdinalIgnoreCase))
        .Select(header => $"{header.Key.ToUpperInvariant()}={header.Value}").Order(StringComparer.Ordinal));

    private static async Task<(string Expected, string Actual)> ReplayGrpcAsync(GrpcChannel channel, WebTarget target, JsonNode call)
    {
        var method = DaprProto.Descriptor.FindMethodByName(RecordedCalls.Text(call["method"]));
        var request = JsonParser.Default.Parse(call["request"]?.ToJsonString() ?? "{}", method.InputType);
        var reasons = call["details"]?.AsArray().Select(detail => RecordedCalls.Text(detail?["reason"])) ?? [];
        var expected = $"{RecordedCalls.Text(call["code"])} {string.Join(',', reasons)} {RecordedCalls.Text(call["message"] ?? call["response"])}";
        try
        {
            var response = await channel.CallAsync(method, request, Token);
            (response as InvokeBindingResponse)?.Metadata.Remove("Date");
            return (expected, $"OK  {Sorted(JsonFormatter.Default.Format(response))}");
        }
        catch (RpcException exception)
        {
            return (expected, $"{exception.StatusCode} {exception.Reasons()} {exception.Status.Detail.Replace(target.Address, RecordedTarget, StringComparison.Ordinal)}");
        }
    }

    private static string Sorted(string json) => Sorted(JsonNode.Parse(json))?.ToJsonString() ?? "";

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject members
        ? new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value))))
        : node?.DeepClone();

    private static string Requests(JsonNode? recorded) => string.Join('|', recorded?.AsArray().Select(request =>
        Request(
            RecordedCalls.Text(request?["request"]),
            request?["headers"]?.AsArray().ToDictionary(pair => RecordedCalls.Text(pair?[0]), pair => RecordedCalls.Text(pair?[1])) ?? [],
            RecordedCalls.Text(request?["body"]))) ?? []);

    private static string Requests(IEnumerable<Call> calls) => string.Join('|', calls.Select(call => Request(call.Line, call.Headers, call.Body)));

    private static string Request(string line, IReadOnlyDictionary<string, string> headers, string body) =>
        $"{line} {string.Join(';', ComparedHeaders.Where(headers.ContainsKey).Select(header => $"{header}={headers[header]}"))} {Compact(body)}";

    // daprd encodes JSON again, but the embedded sidecar forwards the caller's bytes. The white space can therefore differ.
    private static string Compact(string body) => body.StartsWith('{') ? JsonNode.Parse(body)?.ToJsonString() ?? "" : body;

    private string Configuration() => _folder.Write("config.yml", """
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata: { name: c }
        spec: { secrets: { scopes: [{ storeName: sfilemulti, defaultAccess: deny, allowedSecrets: [plain] }] } }
        """);

    private string Resources(WebTarget target)
    {
        var secrets = _folder.Write("secrets.json", """{"plain":"v1","nested":{"a":{"b":"deep"},"n":5},"list":["x","y"],"bool":true,"empty":""}""");
        return string.Concat(
            Web("web", target.Address), Web("webnoerr", target.Address, "errorIfNot2XX: false"), Web("webto", target.Address, "responseTimeout: 200ms"),
            Web("webdown", "http://127.0.0.1:1"), Web("webbase", target.Address + "/base/"), Web("websecret", target.Address, "securityToken: deep", "securityTokenHeader: X-Tok"),
            Yaml.Component("files", "bindings.localstorage", "rootPath: files"),
            Yaml.Component("sfile", "secretstores.local.file", $"secretsFile: {secrets}"),
            Yaml.Component("sfiledot", "secretstores.local.file", $"secretsFile: {secrets}", "nestedSeparator: ."),
            Yaml.Component("sfilemulti", "secretstores.local.file", $"secretsFile: {secrets}", "multiValued: true"),
            Yaml.Component("senv", "secretstores.local.env"));
    }

    private static string Web(string name, string url, params string[] more) => Yaml.Component(name, "bindings.http", [$"url: {url}", .. more]);
}
