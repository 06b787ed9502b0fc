using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>
/// Replays 03-app-responses-*.json. For each answer of the app, compares how often the message is delivered and dead-lettered.
/// Waits are shortened. There is one difference: without a dead-letter topic, daprd loses a failed message, but the sidecar delivers it again after the redelivery interval.
/// This interval is longer than the test.
/// </summary>
public sealed class AppAnswerRecordingTests : IDisposable
{
    private const string FarAway = "redeliverInterval: 1h";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("none", "")]
    [InlineData("const", "{policy: constant, duration: 5ms, maxRetries: 3}")]
    [InlineData("constmatch", "{policy: constant, duration: 5ms, maxRetries: 3, matching: {httpStatusCodes: \"500,429\"}}")]
    [InlineData("exp", "{policy: exponential, maxInterval: 5ms, maxRetries: 5}")]
    [InlineData("timeout", "{policy: constant, duration: 5ms, maxRetries: 2}")]
    public async Task Each_message_is_delivered_and_dead_lettered_as_often_as_by_daprd(string mode, string retry)
    {
        var cases = Recording.Open($"03-app-responses-{mode}.json").GetProperty("cases").EnumerateObject()
            .Where(item => item.Name.StartsWith("rps/", StringComparison.Ordinal))
            .Select(item => new AnswerCase(item.Name[4..], item.Value.GetProperty("deliveries").GetInt32(), item.Value.GetProperty("deadLettered").GetInt32()))
            .ToList();
        await using var app = await FakeApp.StartAsync(configure: app => Subscribe(app, cases));
        app.Answer = (call, aborted) => AnswerCase.AnswerAsync(call, app, aborted);
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers(FarAway) + Resiliency(mode, retry));

        await Task.WhenAll(cases.Select(item => sidecar.Dapr.PublishEventAsync("rps", item.Topic, new { }, TestContext.Current.CancellationToken)));
        await app.WaitForAsync(cases.Sum(item => item.Deliveries + item.DeadLettered));
        await sidecar.WaitForIdleAsync(inFlight: cases.Count(item => item.IsLost));

        var deliveries = app.Deliveries.ToLookup(call => call.Path[1..]);
        Assert.Equal(
            cases.Select(item => $"{item.Topic} {item.Deliveries} {item.DeadLettered}"),
            cases.Select(item => $"{item.Topic} {deliveries[item.Topic].Count()} {deliveries[item.DeadTopic].Count()}"));
    }

    private static void Subscribe(FakeApp app, IEnumerable<AnswerCase> cases)
    {
        foreach (var item in cases)
        {
            app.Subscribe("rps", item.Topic, item.HasDeadLetterTopic ? $",\"deadLetterTopic\":\"{item.DeadTopic}\"" : "");
            if (item.HasDeadLetterTopic)
            {
                app.Subscribe("rps", item.DeadTopic);
            }
        }
    }

    private static string Resiliency(string mode, string retry) => retry.Length == 0 ? "" : $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: {name: rs}
        spec:
          policies:
            timeouts: {t: 1s}
            retries: {r: {{retry}}}
          targets:
            components:
              rps:
                inbound: { retry: r{{(mode == "timeout" ? ", timeout: t" : "")}} }
        """;
}
