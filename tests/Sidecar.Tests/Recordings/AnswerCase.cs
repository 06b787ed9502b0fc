using System.Globalization;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>A case of the recordings 03-app-responses-*.json. Its name contains the answer of the app and whether there is a dead-letter topic.</summary>
internal sealed record AnswerCase(string Topic, int Deliveries, int DeadLettered)
{
    private const string DeadLetterSuffix = "-dlq";

    private static readonly Dictionary<string, (int Status, string Body)> Bodies = new()
    {
        ["200-success"] = (200, """{"status":"SUCCESS"}"""),
        ["200-status-empty"] = (200, """{"status":""}"""),
        ["200-retry"] = (200, """{"status":"RETRY"}"""),
        ["200-drop"] = (200, """{"status":"DROP"}"""),
        ["200-unknown-status"] = (200, """{"status":"FOO"}"""),
        ["200-lowercase-retry"] = (200, """{"status":"retry"}"""),
        ["200-text"] = (200, "hello"),
        ["200-json-no-status"] = (200, "{}"),
        ["200-json-array"] = (200, "[]"),
        ["202-retry-body"] = (202, """{"status":"RETRY"}"""),
        ["500-drop-body"] = (500, """{"status":"DROP"}"""),
    };

    public bool HasDeadLetterTopic => Topic.EndsWith(DeadLetterSuffix, StringComparison.Ordinal);

    public string DeadTopic => "dead-" + Topic;

    /// <summary>Whether daprd loses the message: the delivery ends, there is no dead-letter topic, and the app did not drop the message.</summary>
    public bool IsLost => !HasDeadLetterTopic && Topic is not ("200-drop" or "404") && WouldBeDeadLettered;

    // Whether the message would be dead-lettered if there were a dead-letter topic.
    private bool WouldBeDeadLettered => Topic switch
    {
        "200-retry" or "200-unknown-status" or "200-lowercase-retry" or "202-retry-body" or "slow-3s" => true,
        "fail2-then-ok" => Deliveries < 3,
        _ => char.IsDigit(Topic[0]) && Topic[0] is '3' or '4' or '5',
    };

    /// <summary>Returns the app's answer to a delivery. The name of the topic specifies the answer.</summary>
    public static async Task<(int Status, string Body)> AnswerAsync(Call call, FakeApp app, CancellationToken aborted)
    {
        var name = call.Path[1..].Replace(DeadLetterSuffix, "", StringComparison.Ordinal);
        if (name.StartsWith("dead-", StringComparison.Ordinal))
        {
            return (200, "");
        }

        if (name == "slow-3s")
        {
            await Never.CompletesAsync(aborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return name == "fail2-then-ok"
            ? (app.Deliveries.Count(other => other.Path == call.Path) <= 2 ? 500 : 200, "")
            : Bodies.TryGetValue(name, out var body) ? body : (int.TryParse(name[..3], NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 200, "");
    }
}
