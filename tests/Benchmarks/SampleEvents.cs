using System.Text.Json;

using MLEvents.Events;
using MLEvents.Ingress;

namespace MLEvents.Benchmarks;

/// <summary>Requests of Event Grid: an array of CloudEvents.</summary>
internal static class SampleEvents
{
    private const string Source = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    /// <summary>The address of the webhook, with the key.</summary>
    public static Uri Path { get; } = new($"/events?code={IngressOptions.LocalKey}", UriKind.Relative);

    /// <summary>A completed run.</summary>
    public static object RunCompleted(string id) => Event(id, EventTypes.RunCompleted, new
    {
        experimentId = "0fa9dfaa-cba3-4fa7-b590-23e48548f5c1",
        experimentName = "churn-train",
        runId = id,
        runType = "azureml.PipelineRun",
        runTags = new Dictionary<string, string> { ["mlevents.correlation"] = id, ["model"] = "churn" },
        runProperties = new Dictionary<string, string> { ["runTemplate"] = "Pipeline", ["azureml.runsource"] = "azureml.PipelineRun" },
    });

    /// <summary>A drift for which a rule sends a mail.</summary>
    public static object Drift(string id) => Event(id, EventTypes.DatasetDriftDetected, new
    {
        dataDriftId = "01d29aa4-e6a4-470a-9ef3-66660d21f8ef",
        dataDriftName = "churn-monitor",
        runId = "01d29aa4-e6a4-470a-9ef3-66660d21f8ef_1571590300380",
        baseDatasetId = "3c56d136-0f64-4657-a0e8-5162089a88a3",
        targetDatasetId = "d7e74d2e-c972-4266-b5fb-6c9c182d2a74",
        driftCoefficient = 0.83503490684792081,
        startTime = "2026-11-01T00:00:00+00:00",
        endTime = "2026-11-02T00:00:00+00:00",
    });

    /// <summary>The body of a request.</summary>
    public static byte[] Body(params object[] events) => JsonSerializer.SerializeToUtf8Bytes(events);

    /// <summary>Sends a request and expects it to be accepted.</summary>
    /// <exception cref="HttpRequestException">The ingress refused the request.</exception>
    public static async ValueTask PostAsync(HttpClient ingress, byte[] body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/cloudevents-batch+json; charset=utf-8" } } };
        using var answer = await ingress.PostAsync(Path, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static Dictionary<string, object> Event(string id, string type, object data) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = id,
        ["source"] = Source,
        ["type"] = type,
        ["subject"] = $"experiments/0fa9dfaa-cba3-4fa7-b590-23e48548f5c1/runs/{id}",
        ["time"] = "2026-11-01T12:00:00Z",
        ["datacontenttype"] = "application/json",
        ["data"] = data,
    };
}
