using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace MLEvents.Local.Host;

/// <summary>The daprd process of a service. Its output goes to a file in the log folder.</summary>
internal sealed class Daprd(string program, ServiceId service, Ports ports, HostOptions options, SidecarTokens tokens) : IAsyncDisposable
{
    private const string GracefulSeconds = "2";

    private readonly ChildProcess _process = new($"sidecar of {service.AppId()}", () => StartInfo(program, service, ports, options, tokens), LogFileOf(service, options));

    public string Name => _process.Name;

    public string LogFile => LogFileOf(service, options);

    /// <summary>Whether the process ended without a stop request.</summary>
    public bool HasEndedUnexpectedly => _process.HasEndedUnexpectedly;

    /// <summary>Starts the process.</summary>
    /// <exception cref="StartException">The program does not exist or cannot be started.</exception>
    public void Start()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(LogFile) ?? "");
        try
        {
            _process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new StartException($"daprd cannot be started: {exception.Message.ReplaceLineEndings(" ")}. Set the environment variable DAPRD to the path of daprd, or leave out --dapr.", exception);
        }
    }

    /// <summary>Stops the process. Kills it if it does not stop in time.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.TryStopAsync(LocalEnvironment.StopWithin, CancellationToken.None);
        _process.Dispose();
    }

    /// <summary>Creates the command line of daprd. Relative paths in component files are relative to the data folder.</summary>
    internal static ProcessStartInfo StartInfo(string program, ServiceId service, Ports ports, HostOptions options, SidecarTokens tokens)
    {
        var start = new ProcessStartInfo(program, Arguments(service, ports, options)) { WorkingDirectory = options.DataDirectory };
        foreach (var (name, token) in tokens.Variables)
        {
            start.Environment[name] = token;
        }

        return start;
    }

    private static string[] Arguments(ServiceId service, Ports ports, HostOptions options) =>
    [
        "--app-id", service.AppId(),
        "--app-port", Text(ports.For(service)),
        // With several calls at a time, daprd 1.17 can acknowledge a message that the service never got (docs/decisions/128-one-call-at-a-time.md).
        "--app-max-concurrency", "1",
        "--dapr-http-port", Text(ports.SidecarHttp(service)),
        "--dapr-grpc-port", Text(ports.SidecarGrpc(service)),
        "--dapr-internal-grpc-port", Text(ports.DaprdInternal(service)),
        "--metrics-port", Text(ports.DaprdMetrics(service)),
        "--dapr-listen-addresses", "127.0.0.1",
        "--dapr-internal-grpc-listen-address", "127.0.0.1",
        "--metrics-listen-address", "127.0.0.1",
        "--resources-path", options.ComponentsDirectory,
        "--dapr-graceful-shutdown-seconds", GracefulSeconds,
    ];

    private static string LogFileOf(ServiceId service, HostOptions options) => Path.Combine(options.DataDirectory, "logs", $"{service.AppId()}-sidecar.log");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
