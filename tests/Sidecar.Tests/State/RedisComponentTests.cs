using System.Net;
using System.Text;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

using StackExchange.Redis;

namespace MLEvents.Local.Sidecar.Tests.State;

/// <summary>The component type <c>state.redis</c>: its settings, and a server that requires a password or is down.</summary>
public sealed class RedisComponentTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RedisServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("redisDB: 0", "has no metadata item 'redisHost'")]
    [InlineData("redisHost: a:6379,b:6379", "contains several servers")]
    [InlineData("redisHost: 127.0.0.1:1, redisDB: first", "is not a whole number")]
    [InlineData("redisHost: 127.0.0.1:1, poolSize: many", "is not a whole number")]
    [InlineData("redisHost: 127.0.0.1:1, readTimeout: soon", "is not a duration")]
    [InlineData("redisHost: 127.0.0.1:1, readTimeout: 0s", "must be more than 0 s")]
    [InlineData("redisHost: 127.0.0.1:1, dialTimeout: 200ms", "cannot start")]
    public async Task A_wrong_setting_or_a_missing_server_stops_the_start(string settings, string expected)
    {
        var yaml = Yaml.Component("store", "state.redis", settings.Split(", "));

        var error = await Assert.ThrowsAsync<ResourceException>(() => TestSidecar.StartAsync(_folder, null, yaml));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_a_password_accepts_only_the_correct_password()
    {
        await using var direct = await ConnectAsync();
        await direct.GetDatabase().ExecuteAsync("CONFIG", "SET", "requirepass", "right");

        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Component("redisPassword: right"));
        var error = await Assert.ThrowsAsync<ResourceException>(() => TestSidecar.StartAsync(_folder, null, Component("redisPassword: wrong")));

        Assert.Equal(HttpStatusCode.NoContent, await SaveAsync(sidecar));
        Assert.DoesNotContain("wrong", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_have_the_prefix_and_are_in_the_database_of_the_component()
    {
        await using var direct = await ConnectAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Component("redisDB: 3", "keyPrefix: name"));

        await SaveAsync(sidecar);

        Assert.True(await direct.GetDatabase(3).KeyExistsAsync("store||k"));
    }

    [Fact]
    public async Task Calls_fail_while_the_server_is_down_and_succeed_when_it_runs_again()
    {
        await _server.StartOrSkipAsync();
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, Component("readTimeout: 500ms"));
        await _server.KillAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, await SaveAsync(sidecar));
        Assert.Equal(HttpStatusCode.InternalServerError, (await sidecar.Http.GetAsync(Path("store/k"), Token)).StatusCode);
        await _server.StartAsync(Token);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (await SaveAsync(sidecar) != HttpStatusCode.NoContent)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal("1", await sidecar.Http.GetStringAsync(Path("store/k"), Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static Uri Path(string path) => new($"/v1.0/state/{path}", UriKind.Relative);

    private static async Task<HttpStatusCode> SaveAsync(TestSidecar sidecar)
    {
        using var body = new StringContent("""[{"key":"k","value":1}]""", Encoding.UTF8, "application/json");
        using var response = await sidecar.Http.PostAsync(Path("store"), body, Token);
        return response.StatusCode;
    }

    private string Component(params string[] settings) => Yaml.Component("store", "state.redis", [$"redisHost: {_server.Host}", .. settings]);

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        await _server.StartOrSkipAsync();
        return await ConnectionMultiplexer.ConnectAsync($"{_server.Host},allowAdmin=true");
    }
}
