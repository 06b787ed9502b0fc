using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>A simulator in a separate process. Disposing it sends SIGKILL.</summary>
internal sealed class KillableSimulator : IAsyncDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Process _process;

    private KillableSimulator(int port, IEnumerable<string> settings)
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "MLEvents.Local.Simulator.dll"), "--urls", $"http://127.0.0.1:{port}",
            "--Simulator:SmtpPort", "0", "--Logging:LogLevel:Default", "None", .. settings,
        ];
        _process = Process.Start(new ProcessStartInfo(BuiltProgram.DotNet, arguments) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException("The simulator did not start.");
        _client.BaseAddress = new($"http://127.0.0.1:{port}");
    }

    public static async Task<RunningSimulator> StartAsync(params (string Key, string Value)[] settings)
    {
        var port = FreePort.Next();
        var killable = new KillableSimulator(port, settings.SelectMany(setting => new[] { "--Simulator:" + setting.Key, setting.Value }));
        await killable.UntilReadyAsync();
        return new(RunningSimulator.Authenticated(killable._client), killable);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _client.Dispose();
    }

    private Task<bool> UntilReadyAsync() => Poll.UntilAsync(
        async cancellationToken =>
        {
            Assert.False(_process.HasExited, "The simulator process ended during its start.");
            return await IsReadyAsync(cancellationToken);
        },
        ready => ready,
        TestContext.Current.CancellationToken,
        TimeSpan.FromMilliseconds(50),
        TimeSpan.FromSeconds(30));

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri("/healthz", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // The simulator does not listen yet.
            return false;
        }
    }
}
