using System.Globalization;
using System.Text.Json;

namespace MLEvents.Benchmarks.Peers;

/// <summary>This system in one process: the local host with <c>--azure</c>, all services included.</summary>
internal sealed class MLEventsHost(int portBase) : IPeer
{
    public string Name => "this system, one process";

    public async Task<RunningPeer> StartAsync(string folder, int smtpPort, CancellationToken cancellationToken)
    {
        var settings = Path.Combine(folder, "settings.json");
        await File.WriteAllBytesAsync(settings, Settings(smtpPort), cancellationToken);
        var start = Published.Program("Host", "MLEvents.Local.Host",
        [
            "--azure",
            "--settings", settings,
            "--rules", MLEventsRules.WriteRules(folder),
            "--components", MLEventsRules.WriteComponents(folder),
            "--data", Path.Combine(folder, "data"),
            "--port-base", portBase.ToString(CultureInfo.InvariantCulture),
        ]);
        return await RunningPeer.StartAsync(new Uri($"http://127.0.0.1:{portBase}/events?code={MLEventsRules.Key}"), () => new ServiceProcess("host", start, portBase), cancellationToken);
    }

    private static byte[] Settings(int smtpPort) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["Ingress"] = new { Keys = new[] { MLEventsRules.Key } },
        ["Mail"] = new { Host = "127.0.0.1", Port = smtpPort, From = "mlevents@example.com", Security = "None" },
        ["AzureML"] = new { Workspaces = new[] { PeerEvents.Workspace } },
        ["Logging"] = new { LogLevel = new { Default = "Warning" } },
    });
}
