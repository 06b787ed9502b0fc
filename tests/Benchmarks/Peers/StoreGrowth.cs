using System.Globalization;

using Microsoft.Data.Sqlite;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>The throughput of four processes with many finished records in the state store.</summary>
internal static class StoreGrowth
{
    private const int WarmUp = 200;
    private static readonly int[] Records = [0, 100_000, 1_000_000];
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"## Growth: 4 processes, loads of {plan.Load.TotalSeconds} s\n"));
        var table = new MarkdownTable(["finished records", "state store, MiB", .. PeerComparison.Loads.SelectMany(load => new[] { $"{load.Name}: mails/s", "processor time a mail, ms" })]);
        foreach (var records in Records)
        {
            table.Add([records.ToString("N0", CultureInfo.InvariantCulture), .. await MeasureAsync(records, plan, cancellationToken)]);
        }

        await table.WriteAsync(output);
    }

    private static async Task<IReadOnlyList<string>> MeasureAsync(int records, Plan plan, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var sink = MailSink.Start();
        var store = Path.Combine(folder.Path, "data", "state.db");
        if (records > 0)
        {
            await SendAsync(folder.Path, sink, (_, _) => Task.CompletedTask, cancellationToken);
            Fill(store, records);
        }

        var cells = new List<string> { Sample.Text(File.Exists(store) ? new FileInfo(store).Length / (1024.0 * 1024) : 0, "F0") };
        await SendAsync(folder.Path, sink, MeasureLoadsAsync, cancellationToken);
        return cells;

        async Task MeasureLoadsAsync(RunningPeer running, PeerLoad load)
        {
            foreach (var (_, shape) in PeerComparison.Loads)
            {
                var (result, processor) = await PeerComparison.MeasureAsync(running, load, shape, plan, cancellationToken);
                cells.AddRange([Sample.Text(result.MailsPerSecond, "F0"), Sample.Text(processor, "F2")]);
            }
        }
    }

    // Starts the system, sends some events, and measures.
    private static async Task SendAsync(string folder, MailSink sink, Func<RunningPeer, PeerLoad, Task> measure, CancellationToken cancellationToken)
    {
        using var running = await new MLEventsProcesses().StartAsync(folder, sink.Port, cancellationToken);
        using var load = new PeerLoad(running.Address, sink);
        await load.RunAsync(WarmUp, Interval, cancellationToken);
        await measure(running, load);
    }

    // Copies of a record that the notifier wrote, with the keys of other actions.
    private static void Fill(string store, int records)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $records)
            INSERT INTO state (key, value, etag, expires)
            SELECT 'notifier||action-' || lower(hex(randomblob(32))), value, etag, expires FROM n, (SELECT value, etag, expires FROM state WHERE key LIKE 'notifier||action-%' LIMIT 1)
            """;
        command.Parameters.AddWithValue("$records", records);
        command.CommandTimeout = 0;
        if (command.ExecuteNonQuery() != records)
        {
            throw new InvalidOperationException($"The state store '{store}' contains no record of the notifier to copy.");
        }
    }
}
