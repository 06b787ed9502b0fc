using System.Globalization;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>Measures the same task with this system and with Node-RED in one run. Only the ratios of the results are meaningful.</summary>
internal static class PeerComparison
{
    private const int WarmUp = 200;
    private static readonly TimeSpan LatencyInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The loads of the comparison.</summary>
    internal static readonly (string Name, LoadShape Shape)[] Loads =
    [
        ("requests of 1 event, 64 events under way", new LoadShape(1, 64, 1)),
        ("requests of 100 events, 400 under way", new LoadShape(100, 400, 1)),
        ("requests of 100 events, 10 % match, 100 under way", new LoadShape(100, 100, 0.1)),
    ];

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"## Peers: POST of Event Grid batches, filter, mail with a template; loads of {plan.Load.TotalSeconds} s, memory after {plan.Rest.TotalSeconds} s at rest; in brackets the ratio to Node-RED\n"));
        await ServicePrograms.PublishAsync(["Ingress", "Notifier", "Sidecar", "Host"], cancellationToken);
        var (nodeRed, reason) = await NodeRed.FindAsync(cancellationToken);
        if (nodeRed is null)
        {
            await output.WriteLineAsync($"Node-RED is left out: {reason}.\n");
        }

        var daprd = Environment.GetEnvironmentVariable("DAPRD") is { Length: > 0 } program && RedisServer.IsInstalled ? new MLEventsDaprd(program, plan.PortBase) : null;
        if (daprd is null)
        {
            await output.WriteLineAsync("daprd is left out: its path must be in the environment variable DAPRD, and redis-server must be in a folder of PATH.\n");
        }

        IPeer?[] peers = [nodeRed, new MLEventsProcesses(), new MLEventsHost(plan.PortBase), daprd];
        var results = new List<PeerResult>();
        foreach (var peer in peers.OfType<IPeer>())
        {
            results.Add(await MeasureAsync(peer, plan, cancellationToken));
        }

        await WriteAsync(results, output);
    }

    private static async Task<PeerResult> MeasureAsync(IPeer peer, Plan plan, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var sink = MailSink.Start();
        var start = TimeProvider.System.GetTimestamp();
        using var running = await peer.StartAsync(folder.Path, sink.Port, cancellationToken);
        var ready = TimeProvider.System.GetElapsedTime(start);
        await Task.Delay(plan.Rest, TimeProvider.System, cancellationToken);
        var resident = running.ResidentMiB;
        using var load = new PeerLoad(running.Address, sink);
        await load.RunAsync(WarmUp, LatencyInterval / 5, cancellationToken);
        var (latency, lost) = await load.RunAsync(plan.Samples, LatencyInterval, cancellationToken);
        var loads = new List<(LoadResult Result, double ProcessorPerMail)>();
        foreach (var (_, shape) in Loads)
        {
            await load.RunAsync(shape, plan.Load / 4, cancellationToken);
            var before = running.Processor;
            var result = await load.RunAsync(shape, plan.Load, cancellationToken);
            loads.Add((result, (running.Processor - before).TotalMilliseconds / Math.Max(1, result.MailsPerSecond * plan.Load.TotalSeconds)));
        }

        return new PeerResult(peer.Name, ready.TotalSeconds, resident, latency, lost, loads);
    }

    private static async Task WriteAsync(List<PeerResult> results, TextWriter output)
    {
        var table = new MarkdownTable(["", .. results.Select(result => result.Name)]);
        Add(table, "time to ready, s", results, result => result.ReadySeconds, "F1");
        Add(table, "resident at rest, all processes, MiB", results, result => result.ResidentMiB, "F0");
        Add(table, "request to mail at 20/s, p50, ms", results, result => result.Latency.Percentile(50), "F1");
        Add(table, "request to mail at 20/s, p99, ms", results, result => result.Latency.Percentile(99), "F1");
        foreach (var (name, index) in Loads.Select((load, index) => (load.Name, index)))
        {
            Add(table, $"{name}: events/s", results, result => result.Loads[index].Result.EventsPerSecond, "F0");
            Add(table, $"{name}: mails/s", results, result => result.Loads[index].Result.MailsPerSecond, "F0");
            Add(table, $"{name}: processor time a mail, all processes, ms", results, result => result.Loads[index].ProcessorPerMail, "F2");
        }

        table.Add(["events without a mail", .. results.Select(result => Sample.Text(result.Lost + result.Loads.Sum(load => load.Result.Lost), "F0"))]);
        await table.WriteAsync(output);
    }

    private static void Add(MarkdownTable table, string what, List<PeerResult> results, Func<PeerResult, double> value, string format)
    {
        var reference = results.Find(result => result.Name == "Node-RED");
        table.Add([what, .. results.Select(result => Sample.Text(value(result), format) + (reference is null || result == reference ? "" : $" ({Sample.Text(value(result) / value(reference), "F2")})"))]);
    }

    private sealed record PeerResult(string Name, double ReadySeconds, double ResidentMiB, Sample Latency, int Lost, IReadOnlyList<(LoadResult Result, double ProcessorPerMail)> Loads);
}
