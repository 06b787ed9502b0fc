using System.Globalization;
using System.Text;

using Dapr;
using Dapr.Client;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Bindings;

/// <summary>Behavior of the output bindings that is not in the recordings.</summary>
public sealed class OutputBindingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_posts_to_a_web_server_and_gets_its_answer()
    {
        await using var target = await WebTarget.StartAsync();
        await using var sidecar = await StartAsync("bindings.http", $"url: {target.Address}");
        var request = new BindingRequest("out", "post") { Data = "{\"a\":1.0}"u8.ToArray() };
        request.Metadata["path"] = "/ok";

        var response = await sidecar.Dapr.InvokeBindingAsync(request, Token);

        Assert.Equal("""{"r":1}""", Encoding.UTF8.GetString(response.Data.Span));
        Assert.Equal(("200", "v"), (response.Metadata["statusCode"], response.Metadata["X-Custom"]));
        Assert.Equal("{\"a\":1.0}", Assert.Single(target.Calls).Body);
    }

    [Fact]
    public async Task A_call_succeeds_even_if_headers_of_its_answer_cannot_be_returned()
    {
        await using var target = await WebTarget.StartAsync();
        await using var sidecar = await StartAsync("bindings.http", $"url: {target.Address}");
        using var body = new StringContent("{\"operation\":\"get\",\"metadata\":{\"path\":\"/odd\"}}", Encoding.UTF8, "application/json");

        using var answer = await sidecar.Http.PostAsync(new Uri("/v1.0/bindings/out", UriKind.Relative), body, Token);

        Assert.Equal("odd", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("odd", await InvokeAsync(sidecar, "get", "", ("path", "/odd")));
    }

    [Theory]
    [InlineData("/../secret")]
    [InlineData("/a/%2e%2e/secret")]
    [InlineData("..\\secret")]
    [InlineData("..%2fsecret")]
    [InlineData("a%2F..%5Csecret")]
    [InlineData("%2e%2e%5csecret")]
    public async Task A_path_outside_the_address_is_refused_before_anything_is_sent(string path)
    {
        await using var target = await WebTarget.StartAsync();
        await using var sidecar = await StartAsync("bindings.http", $"url: {target.Address}/base");

        await Assert.ThrowsAsync<DaprException>(() => InvokeAsync(sidecar, "get", "", ("path", path)));

        Assert.Empty(target.Calls);
    }

    [Theory]
    [InlineData("/redir", "GET /ok HTTP/1.1", "")]
    [InlineData("/again", "POST /ok HTTP/1.1", "secret")]
    public async Task A_redirect_within_a_server_is_followed(string path, string line, string body)
    {
        await using var target = await WebTarget.StartAsync();
        await using var sidecar = await StartAsync("bindings.http", $"url: {target.Address}");

        Assert.Equal("""{"r":1}""", await InvokeAsync(sidecar, "post", "secret", ("path", path)));

        Assert.Equal((line, body), (target.Calls[^1].Line, target.Calls[^1].Body));
    }

    [Theory]
    [InlineData("{0}/ok")]
    [InlineData("http://localhost:{1}/ok")]
    [InlineData("//[")]
    [InlineData(null)]
    public async Task A_redirect_is_an_error_if_its_address_is_missing_or_invalid_or_on_another_server(string? away)
    {
        await using var other = await WebTarget.StartAsync();
        await using var target = await WebTarget.StartAsync();
        target.Away = away is null ? null : string.Format(CultureInfo.InvariantCulture, away, other.Address, new Uri(target.Address).Port);
        await using var sidecar = await StartAsync("bindings.http", $"url: {target.Address}");

        var error = await Assert.ThrowsAsync<DaprException>(() => InvokeAsync(sidecar, "post", "secret", ("path", "/away")));

        Assert.Contains("received status code 307", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(other.Calls);
        Assert.Single(target.Calls);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end_with_an_error()
    {
        await using var target = await WebTarget.StartAsync();
        await using var sidecar = await StartAsync("bindings.http", $"url: {target.Address}");

        await Assert.ThrowsAsync<DaprException>(() => InvokeAsync(sidecar, "get", "", ("path", "/loop")));

        Assert.Equal(10, target.Calls.Count);
    }

    [Fact]
    public async Task An_answer_over_the_size_limit_is_an_error()
    {
        await using var target = await WebTarget.StartAsync();
        await using var sidecar = await StartAsync("bindings.http", $"url: {target.Address}", "maxResponseBodySize: 3");

        await Assert.ThrowsAsync<DaprException>(() => InvokeAsync(sidecar, "get", "", ("path", "/ok")));
    }

    [Theory]
    [InlineData("1k")]
    [InlineData("1Ki")]
    [InlineData("3000000000")]
    public async Task An_answer_within_the_size_limit_is_returned(string size)
    {
        await using var target = await WebTarget.StartAsync();
        await using var sidecar = await StartAsync("bindings.http", $"url: {target.Address}", $"maxResponseBodySize: {size}");

        await InvokeAsync(sidecar, "get", "", ("path", "/ok"));

        Assert.Single(target.Calls);
    }

    [Fact]
    public async Task A_retry_policy_repeats_a_failing_call()
    {
        await using var target = await WebTarget.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Yaml.Component("out", "bindings.http", $"url: {target.Address}") + """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: r }
            spec:
              policies: { retries: { twice: { policy: constant, duration: 1ms, maxRetries: 2 } } }
              targets: { components: { out: { outbound: { retry: twice } } } }
            """);

        await Assert.ThrowsAsync<DaprException>(() => InvokeAsync(sidecar, "get", "", ("path", "/boom")));

        Assert.Equal(3, target.Calls.Count);
    }

    [Theory]
    [InlineData("bindings.http", "url: nonsense", "is not an http or https address")]
    [InlineData("bindings.http", "url: http://127.0.0.1:1|MTLSClientCert: x", "does not support client certificates")]
    [InlineData("bindings.http", "url: http://127.0.0.1:1|maxResponseBodySize: big", "is not a size")]
    [InlineData("bindings.http", "url: http://127.0.0.1:1|maxResponseBodySize: 10K", "is not a size")]
    [InlineData("bindings.localstorage", "root: x", "has no metadata item 'rootPath'")]
    public async Task A_wrong_or_missing_setting_stops_the_start(string type, string settings, string expected)
    {
        var error = await Assert.ThrowsAsync<ResourceException>(() => StartAsync(type, settings.Split('|')));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_that_is_input_only_cannot_be_invoked()
    {
        await using var sidecar = await StartAsync("bindings.localstorage", "rootPath: files", "direction: input");

        await Assert.ThrowsAsync<DaprException>(() => InvokeAsync(sidecar, "create", "\"x\""));
    }

    [Theory]
    [InlineData("\"plain text\"", "plain text")]
    [InlineData("{\"a\": 1}", "{\"a\": 1}")]
    [InlineData("\"aGVsbG8gd29ybGQ=\"", "hello world")]
    [InlineData("not json", "not json")]
    [InlineData("\"caf\\u00e9\"", "café")]
    [InlineData("\"a\\ud800\"", "\"a\\ud800\"")]
    [InlineData("`text`", "`text`")]
    [InlineData("\"a\\x41\"", "\"a\\x41\"")]
    [InlineData("\"a\\/b\"", "a/b")]
    public async Task A_file_contains_the_data_after_JSON_strings_and_base64_are_decoded(string data, string content)
    {
        await using var sidecar = await StartAsync("bindings.localstorage", "rootPath: files");

        await InvokeAsync(sidecar, "create", data, ("fileName", "a/b.txt"));

        Assert.Equal(content, await File.ReadAllTextAsync($"{_folder.Path}/files/a/b.txt", Token));
        Assert.Equal(content, await InvokeAsync(sidecar, "get", "", ("fileName", "a/b.txt")));
    }

    [Fact]
    public async Task A_file_without_a_name_gets_a_generated_name_and_is_listed()
    {
        await using var sidecar = await StartAsync("bindings.localstorage", "rootPath: files");

        await InvokeAsync(sidecar, "create", "\"x\"");

        var file = Assert.Single(Directory.GetFiles($"{_folder.Path}/files"));
        Assert.Equal($"[\"{file}\"]", await InvokeAsync(sidecar, "list", ""));
    }

    [Theory]
    [InlineData("../../outside")]
    [InlineData("/../outside")]
    [InlineData("a/../../outside")]
    public async Task A_file_whose_name_contains_parent_folders_is_created_inside_the_folder(string name)
    {
        await using var sidecar = await StartAsync("bindings.localstorage", "rootPath: files");

        await InvokeAsync(sidecar, "create", "\"x\"", ("fileName", name));

        Assert.True(File.Exists($"{_folder.Path}/files/outside"));
        Assert.False(File.Exists($"{_folder.Path}/outside"));
    }

    [Fact]
    public async Task A_call_fails_if_a_symbolic_link_leads_out_of_the_folder()
    {
        await using var sidecar = await StartAsync("bindings.localstorage", "rootPath: files");
        Directory.CreateSymbolicLink($"{_folder.Path}/files/link", _folder.Path);

        await Assert.ThrowsAsync<DaprException>(() => InvokeAsync(sidecar, "create", "\"x\"", ("fileName", "link/outside")));

        Assert.False(File.Exists($"{_folder.Path}/outside"));
    }

    [Theory]
    [InlineData("get", "none")]
    [InlineData("delete", "none")]
    [InlineData("list", "none")]
    [InlineData("list", "file")]
    [InlineData("create", "file/below")]
    [InlineData("create", "a\0b")]
    public async Task A_call_fails_if_the_file_system_refuses_its_operation(string operation, string name)
    {
        await using var sidecar = await StartAsync("bindings.localstorage", "rootPath: files");
        await InvokeAsync(sidecar, "create", "\"x\"", ("fileName", "file"));

        await Assert.ThrowsAsync<DaprException>(() => InvokeAsync(sidecar, operation, "\"x\"", ("fileName", name)));
    }

    public void Dispose() => _folder.Dispose();

    private Task<TestSidecar> StartAsync(string type, params string[] settings) =>
        TestSidecar.StartAsync(_folder, null, Yaml.Component("out", type, settings));

    private static async Task<string> InvokeAsync(TestSidecar sidecar, string operation, string data, params (string Name, string Value)[] metadata)
    {
        var request = new BindingRequest("out", operation) { Data = Encoding.UTF8.GetBytes(data) };
        foreach (var (name, value) in metadata)
        {
            request.Metadata[name] = value;
        }

        return Encoding.UTF8.GetString((await sidecar.Dapr.InvokeBindingAsync(request, Token)).Data.Span);
    }
}
