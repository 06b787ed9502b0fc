using System.Globalization;
using System.Text.Json;

using MLEvents.Ingress;
using MLEvents.Local.Simulator;
using MLEvents.Notifier;
using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>Measures two times for single events: from the request to the webhook until its answer, and from the request until the mail is in the inbox.</summary>
internal static class Latency
{
    private const int WarmUp = 50;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private const string Alerts = """
        alerts:
          - name: drift
            when:
              includedEventTypes: [DatasetDriftDetected]
              advancedFilters:
                - { operatorType: NumberGreaterThan, key: data.driftCoefficient, value: 0.3 }
            send:
              channel: email
              to: [ml-team@example.com]
              subject: "{{ id }}"
              text: |
                The data of {{ data.dataDriftName }} has drifted by {{ data.driftCoefficient }}.

                {{ studioUrl }}
        """;

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"## Latency: one event every {Between.TotalMilliseconds} ms, {plan.Samples} events after {WarmUp} to warm up; percentiles by nearest rank\n"));
        await using var environment = new BenchmarkEnvironment();
        var (ingress, simulator) = await StartAsync(environment, cancellationToken);
        await SendAsync(ingress, simulator, WarmUp, cancellationToken);
        var sent = await SendAsync(ingress, simulator, plan.Samples, cancellationToken);
        var arrived = await ArrivalsAsync(simulator, cancellationToken);

        var table = new MarkdownTable("from the request to", "p50, ms", "p99, ms", "min to max, ms");
        Add(table, "the ingress's answer", sent.Values.Select(one => one.Answered - one.Sent));
        Add(table, "the mail in the inbox", sent.Select(one => arrived[one.Key] - one.Value.Sent));
        await table.WriteAsync(output);
    }

    private static async Task<(HttpClient Ingress, HttpClient Simulator)> StartAsync(BenchmarkEnvironment environment, CancellationToken cancellationToken)
    {
        environment.Folder.Write("rules/alerts.yaml", Alerts);
        var smtp = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var simulator = await environment.StartAsync(SimulatorService.Create, [new("Simulator:SmtpPort", smtp)], cancellationToken);
        await environment.StartAsync(
            "notifier",
            NotifierService.Create,
            [
                new("Rules:Directory", Path.Combine(environment.Folder.Path, "rules")),
                new("Mail:Host", "127.0.0.1"),
                new("Mail:Port", smtp),
                new("Mail:From", "mlevents@example.com"),
                new("Mail:Security", "None"),
            ],
            cancellationToken);
        return (await environment.StartAsync("ingress", IngressService.Create, [], cancellationToken), simulator);
    }

    private static async Task<Dictionary<string, Times>> SendAsync(HttpClient ingress, HttpClient simulator, int count, CancellationToken cancellationToken)
    {
        using var empty = await simulator.DeleteAsync(new Uri("/inbox", UriKind.Relative), cancellationToken);
        var sent = new Dictionary<string, Times>();
        using var timer = new PeriodicTimer(Between, TimeProvider.System);
        while (sent.Count < count && await timer.WaitForNextTickAsync(cancellationToken))
        {
            var id = Guid.NewGuid().ToString();
            var body = SampleEvents.Body(SampleEvents.Drift(id));
            var at = TimeProvider.System.GetUtcNow();
            await SampleEvents.PostAsync(ingress, body, cancellationToken);
            sent[id] = new Times(at, TimeProvider.System.GetUtcNow());
        }

        await Poll.UntilAsync(stop => ArrivalsAsync(simulator, stop), arrivals => arrivals.Count == count, cancellationToken, interval: Between);
        return sent;
    }

    // The simulator records the arrival of each mail, and uses the same clock as this program. The time of the query therefore does not affect the result.
    private static async Task<Dictionary<string, DateTimeOffset>> ArrivalsAsync(HttpClient simulator, CancellationToken cancellationToken)
    {
        var inbox = await simulator.GetFromJsonAsync<JsonElement>(new Uri("/inbox?kind=mail", UriKind.Relative), cancellationToken);
        return inbox.GetProperty("mails").EnumerateArray().ToDictionary(mail => mail.GetProperty("subject").GetString() ?? "", mail => mail.GetProperty("receivedAt").GetDateTimeOffset());
    }

    private static void Add(MarkdownTable table, string what, IEnumerable<TimeSpan> times)
    {
        var sample = new Sample(times.Select(time => time.TotalMilliseconds));
        table.Add(what, Sample.Text(sample.Percentile(50), "F1"), Sample.Text(sample.Percentile(99), "F1"), $"{Sample.Text(sample.Min, "F1")} to {Sample.Text(sample.Max, "F1")}");
    }

    private sealed record Times(DateTimeOffset Sent, DateTimeOffset Answered);
}
