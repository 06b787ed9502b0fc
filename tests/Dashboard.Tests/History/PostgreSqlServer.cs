using System.Diagnostics;
using System.Globalization;

using MLEvents.Tests.Common;

namespace MLEvents.Dashboard.Tests.History;

/// <summary>A PostgreSQL server for tests, on a free loopback port. Its folder is deleted when the object is disposed of.</summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    /// <summary>The reason why a test that needs the server is skipped.</summary>
    public const string NotInstalled = "Not run: PostgreSQL 15 is not installed (apt-get install postgresql-15).";

    private const string Programs = "/usr/lib/postgresql/15/bin";

    private readonly TempFolder _folder = new();
    private readonly int _port = FreePort.Next();
    private readonly SemaphoreSlim _starting = new(1);
    private Process? _process;
    private int _databases;

    /// <summary>Whether PostgreSQL is installed on this machine.</summary>
    public static bool IsInstalled { get; } = File.Exists(Path.Combine(Programs, "postgres"));

    // The server refuses to run as root.
    private static bool IsRoot { get; } = Environment.UserName == "root";

    /// <summary>Creates an empty database. Starts the server if it is not running.</summary>
    /// <returns>The connection string.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        var name = string.Create(CultureInfo.InvariantCulture, $"history{Interlocked.Increment(ref _databases)}");
        await RunAsync("createdb", ["--host", "127.0.0.1", "--port", Port, "--username", "tests", name], cancellationToken);
        return $"Host=127.0.0.1;Port={Port};Username=tests;Database={name}";
    }

    /// <summary>Starts the server if it is not running.</summary>
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

    /// <summary>Kills the server, as in a crash. Its data is kept.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
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

    private string Port => _port.ToString(CultureInfo.InvariantCulture);

    private string Data => Path.Combine(_folder.Path, "data");

    private async Task<Process> LaunchAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Data))
        {
            Directory.CreateDirectory(Data);
            if (IsRoot)
            {
                await RunAsync("/bin/chmod", ["o+rx", _folder.Path], cancellationToken);
                await RunAsync("/bin/chown", ["postgres", Data], cancellationToken);
            }

            await RunAsync("initdb", ["--pgdata", Data, "--username", "tests", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C"], cancellationToken, asServer: true);
        }

        var start = Command("postgres", ["-D", Data, "-p", Port, "-h", "127.0.0.1", "-k", "", "-c", "fsync=off"], asServer: true);
        var process = Process.Start(start) ?? throw new InvalidOperationException("postgres did not start.");
        while (await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
                return process;
            }
        }

        throw new InvalidOperationException("postgres ended before it was ready.");
    }

    private static ProcessStartInfo Command(string program, IReadOnlyList<string> arguments, bool asServer)
    {
        var path = Path.Combine(Programs, program);
        string[] all = asServer && IsRoot ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", path, .. arguments] : [path, .. arguments];
        return new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
    }

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken, bool asServer = false)
    {
        using var process = Process.Start(Command(program, arguments, asServer)) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await output;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors}");
        }
    }
}
