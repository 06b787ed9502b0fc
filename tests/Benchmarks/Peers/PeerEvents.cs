using System.Text.Json;

namespace MLEvents.Benchmarks.Peers;

/// <summary>Requests of Event Grid in the Event Grid schema. The matching events are failed runs and drift of experiments in production.</summary>
internal static class PeerEvents
{
    /// <summary>The topic of the events, and the workspace that the peers accept.</summary>
    public const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws1";

    /// <summary>The prefix of the subjects that match.</summary>
    public const string SubjectPrefix = "experiments/prod-";

    private const string Types = "Microsoft.MachineLearningServices.";

    /// <summary>The event types that match if the subject matches too.</summary>
    public static readonly string[] MatchingTypes = ["RunStatusChanged", "DatasetDriftDetected"];

    private static readonly string[] OtherTypes = ["RunStatusChanged", "RunCompleted", "ModelRegistered", "ModelDeployed"];

    /// <summary>The body of a request.</summary>
    /// <param name="events">The id of each event, and whether the event matches.</param>
    public static byte[] Body(IEnumerable<(string Id, bool IsMatch)> events) => JsonSerializer.SerializeToUtf8Bytes(events.Select(item => Event(item.Id, item.IsMatch)));

    /// <summary>The full name of an event type.</summary>
    public static string FullType(string type) => Types + type;

    // FNV-1a of the number at the end of the id: all runs and peers get the same types in the same order. String.GetHashCode differs from process to process.
    private static uint HashOfNumber(string id) => id[(id.LastIndexOf('-') + 1)..].Aggregate(2166136261u, (hash, digit) => unchecked((hash ^ digit) * 16777619u));

    private static object Event(string id, bool isMatch)
    {
        var experiment = isMatch ? "prod-churn" : "dev-churn";
        var types = isMatch ? MatchingTypes : OtherTypes;
        var run = $"run-{id}";
        return new
        {
            id,
            topic = Workspace,
            subject = $"experiments/{experiment}/runs/{run}",
            eventType = FullType(types[(int)(HashOfNumber(id) % types.Length)]),
            eventTime = "2026-11-01T12:00:00Z",
            dataVersion = "1.0",
            metadataVersion = "1",
            data = new
            {
                experimentId = "0fa9dfaa-cba3-4fa7-b590-23e48548f5c1",
                experimentName = experiment,
                runId = run,
                runType = "azureml.scriptrun",
                runStatus = "Failed",
                RunTags = new { team = "risk", owner = "someone@example.com" },
                RunProperties = new { azureml_git = "abc", ContentSnapshotId = "41a8d1b0-ab86-4d4c-a9b7-2a7e12f2d9ad" },
            },
        };
    }
}
