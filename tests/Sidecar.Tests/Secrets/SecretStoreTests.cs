using System.Collections;
using System.Net;

using Dapr;

using Microsoft.Extensions.Logging.Abstractions;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Secrets;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Secrets;

public sealed class SecretStoreTests : IDisposable
{
    private const string Secrets = """{"plain":"v1","nested":{"a":{"b":"deep"},"n":5},"list":["x","y"],"bool":true,"empty":"","nothing":null}""";

    private const string Variable = "MLEVENTS_TEST_SECRET";

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("plain", "v1")]
    [InlineData("nested:a:b", "deep")]
    [InlineData("list:0", "x")]
    [InlineData("empty", "")]
    [InlineData("nothing", "")]
    [InlineData("nested:n", "5")]
    [InlineData("bool", "true")]
    public async Task The_nested_values_of_a_file_have_joined_names(string name, string value)
    {
        await using var sidecar = await StartAsync(File());

        Assert.Equal(value, (await sidecar.Dapr.GetSecretAsync("store", name, cancellationToken: Token))[name]);
    }

    [Fact]
    public async Task A_secret_of_a_multi_valued_file_has_several_keys()
    {
        await using var sidecar = await StartAsync(File("multiValued: true", "nestedSeparator: ."));

        var secret = await sidecar.Dapr.GetSecretAsync("store", "nested", cancellationToken: Token);

        Assert.Equal([("a.b", "deep"), ("n", "5")], secret.Select(item => (item.Key, item.Value)).Order());
        Assert.Equal("v1", (await sidecar.Dapr.GetSecretAsync("store", "plain", cancellationToken: Token))["plain"]);
    }

    [Fact]
    public async Task The_last_of_several_equal_keys_of_a_secret_applies()
    {
        var file = _folder.Write("twice.json", """{"a":{"k":"first","k":"last"}}""");
        await using var sidecar = await StartAsync(Yaml.Component("store", "secretstores.local.file", $"secretsFile: {file}", "multiValued: true"));

        Assert.Equal("last", (await sidecar.Dapr.GetSecretAsync("store", "a", cancellationToken: Token))["k"]);
    }

    [Theory]
    [InlineData("no such file", null)]
    [InlineData("secrets.json", "[1]")]
    [InlineData("secrets.json", "{ \"token\": \"hush\" ")]
    public async Task A_file_that_cannot_be_read_stops_the_start_and_the_error_does_not_contain_its_content(string name, string? content)
    {
        if (content is not null)
        {
            _folder.Write(name, content);
        }

        var error = await Assert.ThrowsAsync<ResourceException>(
            () => StartAsync(Yaml.Component("store", "secretstores.local.file", $"secretsFile: {_folder.Path}/{name}")));

        Assert.Contains(name, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_store_returns_the_variables_with_the_prefix()
    {
        Environment.SetEnvironmentVariable(Variable, "envv");
        await using var sidecar = await StartAsync(Yaml.Component("store", "secretstores.local.env", "prefix: MLEVENTS_TEST_"));

        Assert.Equal("envv", (await sidecar.Dapr.GetSecretAsync("store", "SECRET", cancellationToken: Token))["SECRET"]);
        Assert.Equal("", (await sidecar.Dapr.GetSecretAsync("store", "NOPE", cancellationToken: Token))["NOPE"]);
        Assert.Equal(["SECRET"], (await sidecar.Dapr.GetBulkSecretAsync("store", cancellationToken: Token)).Keys);
    }

    [Theory]
    [InlineData("APP_API_TOKEN")]
    [InlineData("dapr_api_token")]
    [InlineData("DAPR_CERT_KEY")]
    public async Task The_environment_store_hides_the_tokens_and_certificates_of_the_sidecar(string name)
    {
        var variables = new Hashtable { [name] = "hush", ["OTHER"] = "shown" };
        var component = new ComponentSpec("store", "secretstores.local.env", "v1", new Dictionary<string, string>(), [], default);
        await using var store = new EnvironmentSecretStore(new ComponentContext(component, new SidecarOptions { AppId = "app" }, NullLoggerFactory.Instance), () => variables);

        Assert.Equal("", (await store.GetAsync(name, component.Metadata, Token))?[name]);
        Assert.Equal("shown", (await store.GetAsync("OTHER", component.Metadata, Token))?["OTHER"]);
        Assert.Equal(["OTHER"], (await store.GetAllAsync(component.Metadata, Token)).Keys);
    }

    [Fact]
    public async Task Scopes_of_the_configuration_hide_secrets_from_reads_and_bulk_reads()
    {
        var configuration = _folder.Write("config.yml", """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: c }
            spec:
              secrets:
                scopes:
                  - { storeName: store, defaultAccess: deny, allowedSecrets: [plain] }
                  - { storeName: other, deniedSecrets: [plain] }
            """);
        await using var sidecar = await TestSidecar.StartAsync(
            _folder, null, File() + File().Replace("name: store", "name: other", StringComparison.Ordinal), options => options.ConfigFile = configuration);

        using var denied = await sidecar.Http.GetAsync(new Uri("/v1.0/secrets/store/empty", UriKind.Relative), Token);
        using var alsoDenied = await sidecar.Http.GetAsync(new Uri("/v1.0/secrets/other/plain", UriKind.Relative), Token);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (denied.StatusCode, alsoDenied.StatusCode));
        Assert.Equal(["plain"], (await sidecar.Dapr.GetBulkSecretAsync("store", cancellationToken: Token)).Keys);
        Assert.Equal("", (await sidecar.Dapr.GetSecretAsync("other", "empty", cancellationToken: Token))["empty"]);
    }

    [Fact]
    public async Task Without_a_secret_store_the_error_says_that_none_is_configured()
    {
        await using var sidecar = await StartAsync(Yaml.Component("mem", "state.in-memory"));

        var refusal = await Assert.ThrowsAsync<DaprException>(() => sidecar.Dapr.GetSecretAsync("store", "a", cancellationToken: Token));

        Assert.Contains("not configured", refusal.InnerException?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_secrets_never_reach_the_log()
    {
        await using var sidecar = await StartAsync(File());
        await sidecar.Dapr.GetSecretAsync("store", "nested:a:b", cancellationToken: Token);
        await sidecar.Dapr.GetBulkSecretAsync("store", cancellationToken: Token);

        Assert.DoesNotContain(sidecar.Logs, log => log.Message.Contains("deep", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _folder.Dispose();
    }

    private string File(params string[] more) =>
        Yaml.Component("store", "secretstores.local.file", [$"secretsFile: {_folder.Write("secrets.json", Secrets)}", .. more]);

    private Task<TestSidecar> StartAsync(string resources) => TestSidecar.StartAsync(_folder, null, resources);
}
