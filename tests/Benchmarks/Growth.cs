using System.Globalization;

using MLEvents.Benchmarks.Peers;
using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>
/// Measures how the throughput changes with the number of actions in the state store and with the number of replicas.
/// Also measures how much memory and processor time many waiting actions need at rest.
/// </summary>
internal static class Growth
{
    private const int Waiting = 100_000;
    private const int Due = 20;
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(40);

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"## Growth: ingress and notifier with their sidecars; mails/s in loads of {plan.Load.TotalSeconds} s\n"));
        await ServicePrograms.PublishAsync(["Ingress", "Notifier", "Sidecar"], cancellationToken);
        var table = new MarkdownTable(["", .. PeerComparison.Loads.Select(load => $"{load.Name}: mails/s"), "events without a mail", "state store, MiB", "read from files, KiB a mail", "written to files, KiB a mail"]);
        await table.WriteHeadingAsync(output);
        foreach (var finished in (int[])[0, 100_000, 1_000_000])
        {
            await WithFinishedAsync(finished, replicas: 1, plan, output, cancellationToken);
        }

        foreach (var replicas in (int[])[2, 4])
        {
            await WithFinishedAsync(0, replicas, plan, output, cancellationToken);
        }

        var rest = new MarkdownTable($"with {Waiting} waiting actions, at rest for {plan.Rest.TotalSeconds} s", "resident, MiB", "processor, %");
        var late = await WithWaitingAsync(plan, output, rest, cancellationToken);
        await output.WriteLineAsync();
        await rest.WriteAsync(output);
        await output.WriteLineAsync($"From the due time of {Due} of the waiting actions to their mails, ms: {late.Spread("F0")}\n");
    }

    private static async Task WithFinishedAsync(int finished, int replicas, Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var sink = MailSink.Start();
        var peer = new MLEventsProcesses(replicas);
        using (var first = await peer.StartAsync(folder.Path, sink.Port, cancellationToken))
        {
            using var load = new PeerLoad(first.Address, sink);
            await load.RunAsync(Due, TimeSpan.FromMilliseconds(10), cancellationToken);
        }

        StoredActions.AddFinished(folder.Path, finished);
        using var running = await peer.StartAsync(folder.Path, sink.Port, cancellationToken);
        await WriteLoadsAsync(string.Create(CultureInfo.InvariantCulture, $"{finished:N0} finished actions, {replicas} {(replicas == 1 ? "replica" : "replicas")} of the notifier"), running, sink, folder.Path, plan, output, cancellationToken);
    }

    private static async Task<Sample> WithWaitingAsync(Plan plan, TextWriter output, MarkdownTable rest, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var sink = MailSink.Start();
        var peer = new MLEventsProcesses();
        sink.IsBusy = true;
        using (var first = await peer.StartAsync(folder.Path, sink.Port, cancellationToken))
        {
            await PeerLoad.SendAsync(first.Address, Due, cancellationToken);
            await Poll.UntilAsync(() => StoredActions.CountWaiting(folder.Path) == Due, cancellationToken);
        }

        var due = TimeProvider.System.GetUtcNow() + plan.Rest + Lead;
        StoredActions.AddWaiting(folder.Path, Waiting, due);
        sink.IsBusy = false;
        var mails = new System.Collections.Concurrent.ConcurrentQueue<double>();
        sink.Accepted = _ => mails.Enqueue((TimeProvider.System.GetUtcNow() - due).TotalMilliseconds);
        using var running = await peer.StartAsync(folder.Path, sink.Port, cancellationToken);
        await Footprint.WatchAsync(running.Processes, plan.Rest, rest, cancellationToken);
        await Poll.UntilAsync(() => mails.Count >= Due, cancellationToken, deadline: Lead * 3);
        var late = new Sample(mails);
        await WriteLoadsAsync($"{Waiting.ToString("N0", CultureInfo.InvariantCulture)} waiting actions, 1 replica of the notifier", running, sink, folder.Path, plan, output, cancellationToken);
        return late;
    }

    private static async Task WriteLoadsAsync(string name, RunningPeer running, MailSink sink, string folder, Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        using var load = new PeerLoad(running.Address, sink);
        var (cells, lost, mails) = (new List<string> { name }, 0, 0.0);
        var (read, written) = FileBytes(running);
        foreach (var (_, shape) in PeerComparison.Loads)
        {
            await load.RunAsync(shape, plan.Load / 4, cancellationToken);
            var result = await load.RunAsync(shape, plan.Load, cancellationToken);
            cells.Add(Sample.Text(result.MailsPerSecond, "F0"));
            mails += result.MailsPerSecond * plan.Load.TotalSeconds;
            lost += result.Lost;
        }

        var (readAtEnd, writtenAtEnd) = FileBytes(running);
        cells.AddRange([Sample.Text(lost, "F0"), Sample.Text(StoredActions.SizeMiB(folder), "F0"), KiBPerMail(readAtEnd - read), KiBPerMail(writtenAtEnd - written)]);
        await MarkdownTable.WriteRowAsync(output, [.. cells]);

        string KiBPerMail(long bytes) => Sample.Text(bytes / 1024.0 / mails, "F0");
    }

    // Each load begins with a warm-up, which is a fifth of its time. In every row, the bytes include the bytes of the warm-ups, but the mails of the warm-ups are not counted.
    private static (long Read, long Written) FileBytes(RunningPeer running) =>
        (running.Processes.Sum(process => process.ReadBytes), running.Processes.Sum(process => process.WrittenBytes));
}
