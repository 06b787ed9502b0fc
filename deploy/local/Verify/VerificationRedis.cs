using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MLEvents.Local.Verify;

/// <summary>The Redis server of a run on daprd. It writes each change to its file before it answers. A killed server therefore loses no change that it acknowledged.</summary>
internal sealed class VerificationRedis(VerificationOptions options, int port)
{
    /// <summary>The name of the process.</summary>
    public const string Name = "redis";

    private static readonly TimeSpan MaxStartTime = TimeSpan.FromSeconds(30);
    private const string AddressOfComponents = "localhost:6379";

    /// <summary>The folder of the component files that name this server.</summary>
    public string Components => Path.Combine(options.Folder, "components");

    // The fault of a full disk fills only the volume of the data folder. This folder is outside that volume, because redis-server ends if its disk is full. The run tests the end of redis-server by killing it.
    private string Data => Path.Combine(options.Folder, "redis");

    /// <summary>Copies the component files and replaces the address of Redis in them with the address of this server.</summary>
    /// <exception cref="InvalidOperationException">The folder of the components is missing, or no file in it names Redis.</exception>
    public void Prepare()
    {
        Directory.CreateDirectory(Data);
        Directory.CreateDirectory(Components);
        var files = Directory.Exists(options.Components) ? Directory.GetFiles(options.Components, "*.yaml") : [];
        var named = false;
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            named |= text.Contains(AddressOfComponents, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(Components, Path.GetFileName(file)), text.Replace(AddressOfComponents, Address, StringComparison.Ordinal));
        }

        if (!named)
        {
            throw new InvalidOperationException($"No component file in {options.Components} has the redisHost {AddressOfComponents}.");
        }
    }

    /// <summary>The command line of the server.</summary>
    public ProcessStartInfo StartInfo() =>
        new("redis-server", ["--port", Port, "--bind", "127.0.0.1", "--dir", Data, "--save", "", "--appendonly", "yes", "--appendfsync", "always"]);

    /// <summary>Waits until the server accepts connections.</summary>
    /// <exception cref="InvalidOperationException">The server does not accept connections within 30 s.</exception>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(MaxStartTime);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (!await AcceptsAsync(limit.Token))
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"The {Name} does not listen on {Address} {MaxStartTime.TotalSeconds} s after its start. Its log has the reason.", exception);
        }
    }

    private async Task<bool> AcceptsAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string Address => $"127.0.0.1:{Port}";

    private string Port => port.ToString(CultureInfo.InvariantCulture);
}
