using System.Diagnostics;
using System.Globalization;

namespace MLEvents.Tests.Common;

/// <summary>A Redis server for tests on a free port. Disposing it stops the server and deletes its folder.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    /// <summary>The reason for skipping a test that needs the server.</summary>
    public const string NotInstalled = "Not run: redis-server is not installed (apt-get install redis-server).";

    private const int Databases = 1000;

    private readonly TempFolder _folder = new();
    private readonly SemaphoreSlim _starting = new(1);
    private Process? _process;
    private int _database = -1;

    /// <summary>Whether redis-server is installed.</summary>
    public static bool IsInstalled { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    /// <summary>Host and port.</summary>
    public string Host => $"127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}";

    private int Port { get; } = FreePort.Next();

    /// <summary>The number of a logical database that no test has used yet.</summary>
    public int NextDatabase() => Interlocked.Increment(ref _database);

    /// <summary>Starts the server unless it is already running.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            _process ??= await LaunchAsync(cancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Sends SIGKILL. The data of the server is lost.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _starting.Dispose();
        _folder.Dispose();
    }

    private async Task<Process> LaunchAsync(CancellationToken cancellationToken)
    {
        var arguments = $"--port {Port} --bind 127.0.0.1 --databases {Databases} --save \"\" --appendonly no --dir {_folder.Path}";
        var process = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-server did not start.");
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return process;
            }
        }

        await process.WaitForExitAsync(cancellationToken);
        throw new InvalidOperationException($"redis-server ended with exit code {process.ExitCode} before it was ready.");
    }
}
