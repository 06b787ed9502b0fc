using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd.Running;

/// <summary>The local host, as the process that a user starts. Disposing it ends the process.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private const string Ready = "Ctrl-C stops everything.";
    private readonly Process _process;

    private LocalHost(IEnumerable<string> arguments, int portBase, string? daprd = null, params IEnumerable<KeyValuePair<string, string>> environment)
    {
        PortBase = portBase;
        Simulator = new SimulatorClient(new Uri($"http://127.0.0.1:{portBase + 10}"));
        Ingress = new IngressClient(portBase);
        _process = HostProgram.Start(arguments, daprd, environment);
        _process.OutputDataReceived += (_, line) => Keep(Output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(Errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The first port of the host.</summary>
    public int PortBase { get; }

    /// <summary>The lines on standard output.</summary>
    public ObservedItems<string> Output { get; } = new();

    /// <summary>The lines on standard error.</summary>
    public ObservedItems<string> Errors { get; } = new();

    /// <summary>The simulator, which records all calls.</summary>
    public SimulatorClient Simulator { get; }

    /// <summary>The webhook that Event Grid calls.</summary>
    public IngressClient Ingress { get; }

    /// <summary>The process's id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts the host with <c>--port-base</c> and the given arguments.</summary>
    public static LocalHost Start(int portBase, params IEnumerable<string> arguments) =>
        new(["--port-base", portBase.ToString(CultureInfo.InvariantCulture), .. arguments], portBase);

    /// <summary>Starts the host with a daprd for each service.</summary>
    public static LocalHost StartOn(string daprd, int portBase, params IEnumerable<string> arguments) =>
        new(["--port-base", portBase.ToString(CultureInfo.InvariantCulture), .. arguments], portBase, daprd);

    /// <summary>Starts the host without a scenario and waits until it accepts events.</summary>
    /// <exception cref="InvalidOperationException">The host ended before it accepted events.</exception>
    public static Task<LocalHost> StartReadyAsync(string data, CancellationToken cancellationToken, int? portBase = null, params string[] more) =>
        WhenReadyAsync(Start(portBase ?? PortRange.Next(), ["--no-scenario", "--data", data, .. more]), cancellationToken);

    /// <summary>Starts the host with a daprd for each service and with more environment variables, and waits until it accepts events.</summary>
    /// <exception cref="InvalidOperationException">The host ended before it accepted events.</exception>
    public static Task<LocalHost> StartReadyOnAsync(string daprd, string data, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken, params string[] more)
    {
        var portBase = PortRange.Next();
        return WhenReadyAsync(new(["--port-base", portBase.ToString(CultureInfo.InvariantCulture), "--no-scenario", "--data", data, .. more], portBase, daprd, environment), cancellationToken);
    }

    /// <summary>An address at the port with the given distance from <see cref="PortBase"/>. The distances 0 to 4 are ingress, notifier, retrainer, deployer and dashboard.</summary>
    public Uri Service(int distance, string path) => new($"http://127.0.0.1:{PortBase + distance}{path}");

    /// <summary>The pending and the failed actions of the notifier, as its operators' API lists them. Empty if the API refuses the call.</summary>
    public async Task<IReadOnlyList<JsonNode>> AlertsAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Service(1, "/actions"));
        request.Headers.Add("x-api-key", "local-development-key");
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return [];
        }

        var list = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return [.. (list?["items"]?.AsArray() ?? []).OfType<JsonNode>()];
    }

    /// <summary>Waits for the process to end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(limit, TimeProvider.System, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Sends SIGINT, as Ctrl-C does.</summary>
    public async Task InterruptAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -INT {_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Ends the process and its sidecar processes at once, as a power failure would.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(cancellationToken);

        // A killed sidecar process can end after the host.
        await Poll.UntilAsync(() => PortRange.Listening(PortBase).Count == 0, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Simulator.Dispose();
        Ingress.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static void Keep(ObservedItems<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Add(line);
        }
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var ready = Output.FirstAsync(line => line == Ready, cancellationToken);
        if (await Task.WhenAny(ready, _process.WaitForExitAsync(cancellationToken)) != ready)
        {
            throw new InvalidOperationException($"The host ended with {_process.ExitCode}: {string.Join('\n', Errors.All)}");
        }

        await ready;
    }

    private static async Task<LocalHost> WhenReadyAsync(LocalHost host, CancellationToken cancellationToken)
    {
        try
        {
            await host.ReadyAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }
}
