using MLEvents.Ingress;

namespace MLEvents.Benchmarks;

/// <summary>Measures the events per second from the webhook through sidecar and broker to a subscriber.</summary>
internal static class Throughput
{
    private const int Senders = 16;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);
    private static readonly (int BatchSize, int Requests)[] Loads = [(1, 2_000), (100, 100)];

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync($"## Throughput: events/s over {plan.Rounds} rounds after a warm-up, {Senders} requests at a time; median (min to max)\n");
        await using var environment = new BenchmarkEnvironment();
        var subscriber = new Subscriber();
        await environment.StartAsync("subscriber", subscriber.Create, [], cancellationToken);
        var ingress = await environment.StartAsync("ingress", IngressService.Create, [], cancellationToken);

        var table = new MarkdownTable("events per request", "events per round", "accepted by the ingress", "delivered to the subscriber");
        foreach (var (batchSize, requests) in Loads)
        {
            await RoundAsync(ingress, subscriber, batchSize, requests, cancellationToken);
            var rounds = new List<Round>();
            while (rounds.Count < plan.Rounds)
            {
                rounds.Add(await RoundAsync(ingress, subscriber, batchSize, requests, cancellationToken));
            }

            table.Add($"{batchSize}", $"{batchSize * requests}", new Sample(rounds.Select(round => round.Accepted)).Spread("F0"), new Sample(rounds.Select(round => round.Delivered)).Spread("F0"));
        }

        await table.WriteAsync(output);
    }

    private static async Task<Round> RoundAsync(HttpClient ingress, Subscriber subscriber, int batchSize, int requests, CancellationToken cancellationToken)
    {
        var ids = Enumerable.Range(0, batchSize * requests).Select(_ => Guid.NewGuid().ToString()).ToList();
        var bodies = ids.Chunk(batchSize).Select(batch => SampleEvents.Body([.. batch.Select(SampleEvents.RunCompleted)])).ToList();
        var delivered = subscriber.ExpectAsync(ids);

        var start = TimeProvider.System.GetTimestamp();
        var sending = new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(bodies, sending, (body, token) => SampleEvents.PostAsync(ingress, body, token));
        var accepted = TimeProvider.System.GetElapsedTime(start);
        await delivered.WaitAsync(MaxWait, TimeProvider.System, cancellationToken);
        return new Round(ids.Count / accepted.TotalSeconds, ids.Count / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>The result of one round.</summary>
    /// <param name="Accepted">Events per second until the last request was answered.</param>
    /// <param name="Delivered">Events per second from the first request until the subscriber had the last event.</param>
    private sealed record Round(double Accepted, double Delivered);
}
