using System.Net;
using System.Text;

using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Api;

/// <summary>Invalid calls, and calls during another failure, get an answer with the reason.</summary>
public sealed class HostileCallTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc")]
    public async Task A_call_without_the_token_is_refused_regardless_of_its_content_type(string type)
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers(), options => options.ApiToken = "t");
        using var content = new StringContent("1", null, type);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(sidecar.Host.GrpcAddress, "/v1.0/publish/rps/t"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("1", null, type),
        };

        using var overHttp = await sidecar.Http.PostAsync(new Uri("/v1.0/publish/rps/t", UriKind.Relative), content, Token);
        using var overHttp2 = await sidecar.Http.SendAsync(request, Token);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (overHttp.StatusCode, overHttp2.StatusCode));
    }

    [Fact]
    public async Task A_timeout_and_an_open_circuit_breaker_are_reported_as_a_failed_publish()
    {
        const string Policy = """
            kind: Resiliency
            metadata: {name: r}
            spec:
              policies: {timeouts: {t: 50ms}, circuitBreakers: {c: {trip: consecutiveFailures > 0, timeout: 1h}}}
              targets: {components: {rps: {outbound: {timeout: t, circuitBreaker: c}}}}
            """;
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers() + Policy);
        await using var connection = new SqliteConnection($"Data Source={_folder.Path}/broker.db;Pooling=false");
        await connection.OpenAsync(Token);
        await using var locked = await connection.BeginTransactionAsync(Token);

        var timedOut = await PostAsync(sidecar, "/v1.0/publish/rps/t", "1");
        var refused = await PostAsync(sidecar, "/v1.0/publish/rps/t", "1");

        Assert.Contains("ERR_PUBSUB_PUBLISH_MESSAGE", timedOut, StringComparison.Ordinal);
        Assert.Contains("context deadline exceeded", timedOut, StringComparison.Ordinal);
        Assert.Contains("circuit breaker is open", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1.0/publish/bulk/rps/t", "[null]", "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/state/store", "[null]", "ERR_MALFORMED_REQUEST")]
    [InlineData("/v1.0/state/store/bulk", "{\"keys\":[null]}", "ERR_MALFORMED_REQUEST")]
    [InlineData("/v1.0/state/store/transaction", "{\"operations\":[null]}", "ERR_MALFORMED_REQUEST")]
    public async Task A_null_in_place_of_a_value_is_refused_as_malformed(string path, string body, string code)
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Brokers() + Yaml.Component("store", "state.in-memory"));

        Assert.StartsWith($"400 {{\"errorCode\":\"{code}\"", await PostAsync(sidecar, path, body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1.0/state/store", "{}")]
    [InlineData("/v1.0/state/store", "[{\"key\":1}]")]
    [InlineData("/v1.0/state/store", "[{")]
    [InlineData("/v1.0/state/store/bulk", "[]")]
    [InlineData("/v1.0/state/store/transaction", "[]")]
    [InlineData("/v1.0/state/store/transaction", "{\"operations\":[{\"request\":1}]}")]
    [InlineData("/v1.0/publish/bulk/rps/t", "{}")]
    [InlineData("/v1.0/bindings/files", "[]")]
    public async Task A_body_of_the_wrong_shape_is_refused_with_the_place_of_the_error_and_without_the_name_of_a_dotnet_type(string path, string body)
    {
        var resources = Yaml.Brokers() + Yaml.Component("store", "state.in-memory") + Yaml.Component("files", "bindings.localstorage", "rootPath: files");
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, resources);

        var answer = await PostAsync(sidecar, path, body);

        Assert.StartsWith("400 ", answer, StringComparison.Ordinal);
        Assert.Contains("(line 1, byte ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("MLEvents", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_other_subscriptions_start_if_one_subscription_is_null()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscriptions = """[null,{"pubsubname":"rps","topic":"t","routes":{"rules":[null],"default":"/t"}}]""");
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers());

        Assert.Contains(sidecar.Logs, log => log.Message.Contains("Subscribed to topic t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deep_state_value_is_read_alone_and_in_bulk()
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Component("store", "state.in-memory"));
        var deep = new string('[', 500) + new string(']', 500);

        await PostAsync(sidecar, "/v1.0/state/store", $$"""[{"key":"k","value":{{deep}}}]""");

        Assert.Equal(deep, await sidecar.Http.GetStringAsync(new Uri("/v1.0/state/store/k", UriKind.Relative), Token));
        Assert.Contains(deep, await PostAsync(sidecar, "/v1.0/state/store/bulk", """{"keys":["k"]}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_error_and_no_log_message_contains_the_value_of_a_secret()
    {
        const string Variable = "SIDECAR_TEST_ADDRESS";
        var resources = Yaml.Component("env", "secretstores.local.env") + $$$"""
            kind: Component
            metadata: {name: hook}
            spec: {type: bindings.http, metadata: [{name: url, secretKeyRef: {name: {{{Variable}}}, key: {{{Variable}}}}}]}
            auth: {secretStore: env}
            """;
        Environment.SetEnvironmentVariable(Variable, "ftp://host/very-secret");

        var error = await Assert.ThrowsAsync<Components.ResourceException>(() => TestSidecar.StartUnreadyAsync(_folder, null, resources));
        Environment.SetEnvironmentVariable(Variable, "http://127.0.0.1:1/very-secret");
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, resources);
        var refusal = await Assert.ThrowsAsync<Dapr.DaprException>(() => sidecar.Dapr.InvokeBindingAsync("hook", "get", 1, cancellationToken: Token));

        Assert.Contains("'url: (secret)' is not an http", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", refusal.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(sidecar.Logs, log => log.Message.Contains("very-secret", StringComparison.Ordinal));
    }

    private static async Task<string> PostAsync(TestSidecar sidecar, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await sidecar.Http.PostAsync(new Uri(path, UriKind.Relative), content, Token);
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}";
    }
}
