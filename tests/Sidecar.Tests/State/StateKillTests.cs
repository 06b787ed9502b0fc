using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using MLEvents.Local.Sidecar.State.Sqlite;

namespace MLEvents.Local.Sidecar.Tests.State;

/// <summary>A sidecar process is killed while clients write.</summary>
public sealed class StateKillTests : IDisposable
{
    private const int Acknowledged = 300;

    private readonly TempFolder _folder = new();
    private readonly HttpClient _client = new();
    private readonly ConcurrentBag<string> _keys = [];
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acknowledged_writes_survive_kill_9_of_the_writing_process()
    {
        var port = FreePort.Next();
        using var process = Start(port);
        _client.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        await WaitUntilReadyAsync();

        var writers = Enumerable.Range(0, 8).Select(writer => WriteUntilKilledAsync(writer)).ToList();
        await _enough.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        process.Kill(entireProcessTree: true);
        await Task.WhenAll(writers);

        await using var store = new SqliteStateStore(new() { FilePath = Path.Combine(_folder.Path, "state.db") }, TimeProvider.System, NullLogger.Instance);
        await store.InitializeAsync(Token);
        var found = await store.GetManyAsync([.. _keys.Select(key => $"app||{key}")], Token);
        Assert.True(_keys.Count >= Acknowledged);
        Assert.Equal(_keys.Count, found.Count);
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private Process Start(int port)
    {
        var resources = _folder.Write("store.yaml", Yaml.Component("store", "state.sqlite", "connectionString: state.db"));
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "MLEvents.Local.Sidecar.dll"), "--app-id", "app", "--resources-path", resources,
            "--data-dir", _folder.Path, "--dapr-http-port", $"{port}", "--dapr-grpc-port", "0",
        ];
        return Process.Start(new ProcessStartInfo(BuiltProgram.DotNet, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("The sidecar did not start.");
    }

    private async Task WaitUntilReadyAsync() => await Poll.UntilAsync(IsReadyAsync, isReady => isReady, Token, deadline: TimeSpan.FromSeconds(30));

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _client.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative), cancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // The sidecar does not listen yet.
            return false;
        }
    }

    private async Task WriteUntilKilledAsync(int writer)
    {
        try
        {
            for (var number = 0; ; number++)
            {
                var key = $"{writer}-{number}";
                using var body = new StringContent($$"""[{"key":"{{key}}","value":{{number}}}]""", Encoding.UTF8, "application/json");
                using var response = await _client.PostAsync(new Uri("/v1.0/state/store", UriKind.Relative), body, Token);
                response.EnsureSuccessStatusCode();
                _keys.Add(key);
                if (_keys.Count >= Acknowledged)
                {
                    _enough.TrySetResult();
                }
            }
        }
        catch (HttpRequestException)
        {
            // The process was killed. Only acknowledged writes are checked.
            _enough.TrySetResult();
        }
    }
}
