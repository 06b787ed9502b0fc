using System.Globalization;

using MLEvents.Local.Host;
using MLEvents.Local.Verify;
using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>
/// Sends many events as fast as the ingress accepts them, and waits until all are handled.
/// The output shows lost events, and whether the memory grows with the number of waiting events.
/// </summary>
internal static class Load
{
    private const int BatchSize = 100;
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    // Longer than the wait for a lease, and longer than the time after which a message is redelivered because the process that handled it ended.
    private static readonly TimeSpan MaxStall = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"## Load: {plan.Events} events in requests of {BatchSize}, each a mail; every service and sidecar a process of its own\n"));
        using var folder = new TempFolder();
        using var environment = new VerificationEnvironment(new VerificationOptions(0, plan.Events, 0, TimeSpan.Zero, 1, folder.Path, TimeSpan.Zero), new Ports(plan.PortBase));
        using var simulator = new VerificationSimulator(environment.Simulator, seed: 0);
        using var eventGrid = new EventGridSender(environment.Ingress);
        await environment.StartAsync(cancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        await eventGrid.DeliverAsync(VerificationEvents.Mails(plan.Events, BatchSize), TimeSpan.Zero, cancellationToken);
        var accepted = TimeProvider.System.GetElapsedTime(start);
        var samples = await DrainAsync(environment, simulator, plan.Events, cancellationToken);
        var drained = TimeProvider.System.GetElapsedTime(start);
        var mails = (await simulator.CountAsync(cancellationToken)).Mails;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"accepted in {accepted.TotalSeconds:F1} s ({plan.Events / accepted.TotalSeconds:F0}/s, {eventGrid.Repeats} requests repeated after 503), drained in {drained.TotalSeconds:F0} s ({plan.Events / drained.TotalSeconds:F0}/s); lost {plan.Events - mails.Count}, duplicated {mails.Values.Sum() - mails.Count}\n"));
        await WriteMemoryAsync(environment, samples, output);
    }

    private static async Task<List<long[]>> DrainAsync(VerificationEnvironment environment, VerificationSimulator simulator, int events, CancellationToken cancellationToken)
    {
        var samples = new List<long[]>();
        var (handled, moved) = (0, TimeProvider.System.GetTimestamp());
        using var timer = new PeriodicTimer(PollInterval, TimeProvider.System);
        while (true)
        {
            samples.Add([.. environment.Processes.Select(process => process.Resident)]);
            var now = (await simulator.CountAsync(cancellationToken)).Mails.Count;
            if (now >= events)
            {
                return samples;
            }

            if (now > handled)
            {
                (handled, moved) = (now, TimeProvider.System.GetTimestamp());
            }
            else if (TimeProvider.System.GetElapsedTime(moved) > MaxStall)
            {
                throw new TimeoutException($"Only {handled} of {events} events became mails, and no further mail arrived within {MaxStall.TotalMinutes} min: {events - handled} events are lost or very late.");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    // The simulator stores all mails, so its memory grows. The memory of a process that keeps no events is the same at the end as in the middle.
    private static async Task WriteMemoryAsync(VerificationEnvironment environment, List<long[]> samples, TextWriter output)
    {
        var table = new MarkdownTable("process", "resident after accepting, MiB", "in the middle", "at the end", "most");
        foreach (var (process, index) in environment.Processes.Select((process, index) => (process, index)))
        {
            string Text(long bytes) => Sample.Text(bytes / MiB, "F0");
            table.Add(process.Name, Text(samples[0][index]), Text(samples[samples.Count / 2][index]), Text(samples[^1][index]), Text(samples.Max(sample => sample[index])));
        }

        await table.WriteAsync(output);
    }
}
