using System.Globalization;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Events.Reading;

namespace MLEvents.Benchmarks;

/// <summary>Events for measuring rules without a service.</summary>
internal static class SpeedEvents
{
    /// <summary>Creates an event of a run in the Event Grid schema. Every third run has failed.</summary>
    public static string Json(int number) => string.Create(CultureInfo.InvariantCulture, $$$$"""
        {"id":"e{{{{number}}}}","topic":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ml","eventType":"Microsoft.MachineLearningServices.RunCompleted","subject":"experiments/churn/runs/r{{{{number}}}}","eventTime":"2026-03-04T05:06:07Z","dataVersion":"1","data":{"experimentId":"7f1","experimentName":"churn","runId":"r{{{{number}}}}","runType":"azureml.PipelineRun","runStatus":"{{{{(number % 3 == 0 ? "Failed" : "Completed")}}}}","driftCoefficient":0.{{{{(number % 7) + 3}}}}1,"runTags":{"owner":"ml","stage":"production"},"runProperties":{"azureml.pipelineid":"p"}}}
        """).Trim();

    public static WorkflowEvent Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return EventReader.TryRead(document.RootElement, out var read, out var error) ? read.ToWorkflowEvent() : throw new InvalidOperationException(error);
    }
}
