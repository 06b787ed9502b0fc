using System.Text.Json;

using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>
/// Replays 09-bulk-subscribe-concurrency-ttl.json. For each answer of the app to a bulk request, compares the number of entries in each attempt and the number of dead-lettered entries.
/// Waits are shortened. There is one difference: without a dead-letter topic, daprd loses failed entries, but the sidecar delivers them again after the redelivery interval.
/// This interval is longer than the test.
/// </summary>
public sealed class BulkAnswerRecordingTests : IDisposable
{
    private const string FarAway = "redeliverInterval: 1h";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bulk_no_policy", "")]
    [InlineData("bulk_retry_const_500ms_x2", "{policy: constant, duration: 5ms, maxRetries: 2}")]
    public async Task The_entries_of_each_case_are_retried_and_dead_lettered_as_by_daprd(string mode, string retry)
    {
        var cases = Recording.Open("09-bulk-subscribe-concurrency-ttl.json").GetProperty(mode).EnumerateObject()
            .Where(item => item.Name.Contains(" rps/", StringComparison.Ordinal))
            .Select(BulkAnswerCase.Read)
            .ToList();
        await using var app = await FakeApp.StartAsync(configure: app => Subscribe(app, cases));
        app.Answer = (call, _) => Task.FromResult(call.IsBulk() ? BulkAnswerCase.Answer(call) : (200, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers(FarAway) + Resiliency(retry));

        await Task.WhenAll(cases.Select(item => sidecar.Dapr.BulkPublishEventAsync("rps", item.Topic, Enumerable.Range(0, 5).ToList(), cancellationToken: TestContext.Current.CancellationToken)));
        await app.WaitForAsync(cases.Sum(item => item.Sizes.Count + item.DeadLettered));
        await sidecar.WaitForIdleAsync(inFlight: cases.Sum(item => item.Kept));

        var deliveries = app.Deliveries.ToLookup(call => call.Path[1..]);
        Assert.Equal(
            cases.Select(item => $"{item.Topic}: {string.Join(' ', item.Sizes)}, dead {item.DeadLettered}"),
            cases.Select(item => $"{item.Topic}: {string.Join(' ', deliveries[item.Topic].Select(call => call.Entries().Count))}, dead {deliveries[item.DeadTopic].Count()}"));
    }

    private static void Subscribe(FakeApp app, IEnumerable<BulkAnswerCase> cases)
    {
        foreach (var item in cases)
        {
            const string Bulk = ",\"bulkSubscribe\":{\"enabled\":true}";
            app.Subscribe("rps", item.Topic, item.HasDeadLetterTopic ? $"{Bulk},\"deadLetterTopic\":\"{item.DeadTopic}\"" : Bulk);
            if (item.HasDeadLetterTopic)
            {
                app.Subscribe("rps", item.DeadTopic);
            }
        }
    }

    private static string Resiliency(string retry) => retry.Length == 0 ? "" : $$"""
        kind: Resiliency
        metadata: {name: rs}
        spec:
          policies: {retries: {r: {{retry}} } }
          targets: {components: {rps: {inbound: {retry: r} } } }
        """;
}

/// <summary>A case of the recording. Its name specifies the answer of the app.</summary>
/// <param name="Topic">Name of the case, with the suffix <c>-dlq</c> if there is a dead-letter topic.</param>
/// <param name="Sizes">Number of entries in each attempt.</param>
/// <param name="DeadLettered">Number of entries that were dead-lettered.</param>
internal sealed record BulkAnswerCase(string Topic, IReadOnlyList<int> Sizes, int DeadLettered)
{
    private const string DeadLetterSuffix = "-dlq";

    public bool HasDeadLetterTopic => Topic.EndsWith(DeadLetterSuffix, StringComparison.Ordinal);

    public string DeadTopic => "dead-" + Topic;

    /// <summary>Number of entries that daprd loses and the embedded sidecar keeps for redelivery.</summary>
    public int Kept => HasDeadLetterTopic || Name(Topic) is "all_success" or "data3_drop" or "404" ? 0 : Name(Topic) == "missing_entries" ? 5 - Sizes.Count : Math.Min(Sizes[^1], Failing);

    private int Failing => Name(Topic) is "first_retry" or "data3_retry" ? 1 : 5;

    public static BulkAnswerCase Read(JsonProperty item)
    {
        var parts = item.Name.Split(" rps/");
        var sizes = item.Value.GetProperty("bulkCalls").EnumerateArray().Select(call => call.GetProperty("dataI").GetArrayLength());
        return new BulkAnswerCase(parts[0] + (parts[1] == "b" ? DeadLetterSuffix : ""), [.. sizes], item.Value.GetProperty("deadLetter").GetArrayLength());
    }

    /// <summary>Returns the answer that the name of the topic specifies.</summary>
    public static (int Status, string Body) Answer(Call call) => Name(call.Path[1..]) switch
    {
        "all_success" => call.AnswerSuccess(),
        "200_empty" => (200, ""),
        "first_retry" => call.AnswerEach((_, index) => index == 0 ? "RETRY" : "SUCCESS"),
        "data3_retry" => call.AnswerEach((entry, _) => IsThree(entry) ? "RETRY" : "SUCCESS"),
        "data3_drop" => call.AnswerEach((entry, _) => IsThree(entry) ? "DROP" : "SUCCESS"),
        "missing_entries" => call.AnswerEach((_, index) => index == 0 ? "SUCCESS" : null),
        "unknown_status" => call.AnswerEach((_, _) => "HUH"),
        "empty_status" => call.AnswerEach((_, _) => ""),
        "single_style_body" => (200, """{"status":"SUCCESS"}"""),
        "single_style_retry" => (200, """{"status":"RETRY"}"""),
        "500" => (500, "x"),
        "404" => (404, ""),
        var other => throw new InvalidOperationException($"unknown case {other}"),
    };

    private static string Name(string topic) => topic.Replace(DeadLetterSuffix, "", StringComparison.Ordinal);

    private static bool IsThree(JsonElement entry) => entry.GetProperty("event").GetProperty("data").GetInt32() == 3;
}
