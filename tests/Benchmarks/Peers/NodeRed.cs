using System.ComponentModel;
using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>Node-RED from npm with its e-mail node. Nothing is durable: events without a mail are lost when the process ends.</summary>
internal sealed class NodeRed(string install) : IPeer
{
    // node-red 5 needs a newer version of Node than many systems have, so Node is installed as a package from npm too.
    private static readonly string[] Packages = ["node@24", "node-red@5.0.7", "node-red-node-email@5.2.5"];

    public string Name => "Node-RED";

    /// <summary>Installs Node-RED below <c>artifacts</c> if it is missing.</summary>
    /// <returns>The peer; or null, and the reason why Node-RED is not available.</returns>
    public static async Task<(NodeRed? Peer, string Reason)> FindAsync(CancellationToken cancellationToken)
    {
        var install = Repository.PathOf("artifacts", "peers");
        if (File.Exists(NodeOf(install)))
        {
            return (new NodeRed(install), "");
        }

        Directory.CreateDirectory(install);
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--prefix", install, .. Packages]) { RedirectStandardOutput = true, RedirectStandardError = true })
                ?? throw new InvalidOperationException("npm did not start.");
            var (output, error) = (npm.StandardOutput.ReadToEndAsync(cancellationToken), npm.StandardError.ReadToEndAsync(cancellationToken));
            await npm.WaitForExitAsync(cancellationToken);
            return npm.ExitCode == 0 ? (new NodeRed(install), "") : (null, $"npm install of {string.Join(", ", Packages)} failed: {(await output + await error).ReplaceLineEndings(" ")}");
        }
        catch (Win32Exception exception)
        {
            return (null, $"npm cannot be started ({exception.Message}); install Node.js to compare with Node-RED");
        }
    }

    public Task<RunningPeer> StartAsync(string folder, int smtpPort, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        NodeRedFlow.Write(folder, port, smtpPort, Path.Combine(install, "node_modules", "node-red-node-email"));
        var start = new ProcessStartInfo(NodeOf(install), [Path.Combine(install, "node_modules", "node-red", "red.js"), "--userDir", folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        return RunningPeer.StartAsync(new Uri($"http://127.0.0.1:{port}/events"), () => new ServiceProcess("Node-RED", start, port), cancellationToken);
    }

    private static string NodeOf(string install) => Path.Combine(install, "node_modules", "node", "bin", OperatingSystem.IsWindows() ? "node.exe" : "node");
}
