using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.MachineLearning;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Control;

/// <summary>A data drift to raise. All members are optional; defaults are in parentheses.</summary>
/// <param name="Monitor">The monitor's name (<c>churn-drift</c>).</param>
/// <param name="Coefficient">The drift coefficient, 0 to 1 (0.65).</param>
/// <param name="BaseDatasetId">The baseline dataset's id (generated).</param>
/// <param name="TargetDatasetId">The target dataset's id (generated).</param>
/// <param name="StartTime">Start of the compared time window (one day ago).</param>
/// <param name="EndTime">End of the compared time window (now).</param>
internal sealed record DriftRequest(string? Monitor, double? Coefficient, string? BaseDatasetId, string? TargetDatasetId, DateTimeOffset? StartTime, DateTimeOffset? EndTime);

/// <summary>A threshold breach of a model monitor. Defaults are in parentheses.</summary>
/// <param name="Monitor">The monitor's name (<c>churn-monitor</c>).</param>
/// <param name="Signal">The signal that breaches its threshold (<c>data_drift</c>).</param>
/// <param name="Features">The metric value of each feature that violates the threshold 0.1 (<c>age</c>: 0.27).</param>
/// <param name="Tags">Further tags of the monitor's job.</param>
internal sealed record BreachRequest(string? Monitor, string? Signal, Dictionary<string, double>? Features, Dictionary<string, string>? Tags);

/// <summary>A model version to register. Defaults are in parentheses.</summary>
/// <param name="Name">The model's name; required.</param>
/// <param name="Version">The version (the next integer).</param>
/// <param name="Type">The type (<c>mlflow_model</c>).</param>
/// <param name="Uri">The location of the files (generated).</param>
/// <param name="Tags">Tags.</param>
/// <param name="Properties">Properties.</param>
/// <param name="JobName">The job that created the version (none).</param>
internal sealed record ModelRequest(string? Name, string? Version, string? Type, string? Uri, Dictionary<string, string>? Tags, Dictionary<string, string>? Properties, string? JobName);

/// <summary>Commands that raise events in the simulated workspace.</summary>
internal static class SimulateApi
{
    private const string BreachTag = "azureml_modelmonitor_threshold_breached";

    /// <summary>Maps the routes.</summary>
    public static void MapSimulate(this IEndpointRouteBuilder routes)
    {
        var commands = routes.MapGroup("/simulate");
        commands.MapPost("/drift", Drift);
        commands.MapPost("/monitor-breach", Breach);
        commands.MapPost("/model", Model);
        commands.MapPost("/events", EventsAsync);
    }

    private static Results<Accepted<JsonObject>, ProblemHttpResult> Drift(DriftRequest? asked, MachineLearningEvents events, TimeProvider time)
    {
        if (asked?.Coefficient is < 0 or > 1)
        {
            return Bad("'coefficient' must be from 0 to 1.");
        }

        var now = time.GetUtcNow();
        var monitor = asked?.Monitor ?? "churn-drift";
        var id = MachineLearningEvents.StableId(monitor).ToString();
        var data = new JsonObject
        {
            ["dataDriftId"] = id,
            ["dataDriftName"] = monitor,
            ["runId"] = $"{id}_{now.ToUnixTimeMilliseconds()}",
            ["baseDatasetId"] = asked?.BaseDatasetId ?? MachineLearningEvents.StableId(monitor + "#base").ToString(),
            ["targetDatasetId"] = asked?.TargetDatasetId ?? MachineLearningEvents.StableId(monitor + "#target").ToString(),
            ["driftCoefficient"] = asked?.Coefficient ?? 0.65,
            ["startTime"] = (asked?.StartTime ?? now.AddDays(-1)).ToAzureTime(),
            ["endTime"] = (asked?.EndTime ?? now).ToAzureTime(),
        };
        var eventId = events.DatasetDrifted(monitor, data);
        var answer = data.Copy();
        answer["eventId"] = eventId;
        return TypedResults.Accepted((string?)null, answer);
    }

    private static Results<Accepted<JsonObject>, ProblemHttpResult> Breach(BreachRequest? asked, JobRunner runner)
    {
        var (monitor, signal) = (asked?.Monitor ?? "churn-monitor", asked?.Signal ?? "data_drift");
        if (monitor.Contains('/', StringComparison.Ordinal))
        {
            return Bad("'monitor' must not contain a slash.");
        }

        var text = BreachText($"{monitor}_{signal}", asked?.Features ?? new() { ["age"] = 0.27 });
        var tags = new JsonObject { ["azureml.modelmonitor"] = monitor };
        foreach (var (key, value) in asked?.Tags ?? [])
        {
            tags[key] = value;
        }

        var (job, _, _) = runner.Put($"{monitor}-{Guid.NewGuid():N}"[..Math.Min(monitor.Length + 13, 200)], new JsonObject
        {
            ["jobType"] = "Pipeline",
            ["experimentName"] = monitor,
            ["displayName"] = $"{monitor} {signal}",
            ["tags"] = tags,
            ["inputs"] = new JsonObject
            {
                ["monitor_name"] = new JsonObject { ["jobInputType"] = "literal", ["value"] = monitor },
                ["signal_name"] = new JsonObject { ["jobInputType"] = "literal", ["value"] = $"{monitor}_{signal}" },
                ["baseline_data"] = new JsonObject { ["jobInputType"] = "mltable", ["uri"] = $"azureml:{monitor}-training:1" },
                ["target_data"] = new JsonObject { ["jobInputType"] = "mltable", ["uri"] = $"azureml:{monitor}-production:1" },
            },
        }, (BreachTag, text));
        return TypedResults.Accepted((string?)null, job);
    }

    // The text that Azure ML's components write: a Python list whose elements are JSON strings.
    private static string BreachText(string signal, Dictionary<string, double> features)
    {
        var items = features.Select(feature => new JsonObject
        {
            ["group"] = feature.Key,
            ["metric_value"] = feature.Value,
            ["metric_name"] = "normalized_wasserstein_distance",
            ["threshold_value"] = 0.1,
        }).Select(item => $"'{item.ToJsonString()}'");
        return $"The signal '{signal}' has failed due to one or more features violating metric thresholds.\n"
            + $"The feature names and their corresponding computed metric values violating the threshold are \n[{string.Join(", ", items)}]\n";
    }

    private static Results<Accepted<JsonObject>, ProblemHttpResult> Model(ModelRequest asked, ModelRegistry registry)
    {
        if (string.IsNullOrWhiteSpace(asked.Name) || asked.Name.Contains('/', StringComparison.Ordinal))
        {
            return Bad("'name' is required and must not contain a slash.");
        }

        if (asked.Version?.Contains('/', StringComparison.Ordinal) == true)
        {
            return Bad("'version' must not contain a slash.");
        }

        var properties = new JsonObject
        {
            ["modelType"] = asked.Type ?? "mlflow_model",
            ["modelUri"] = asked.Uri ?? $"azureml://datastores/workspaceblobstore/paths/{asked.Name}",
            ["tags"] = Map(asked.Tags),
            ["properties"] = Map(asked.Properties),
            ["jobName"] = asked.JobName,
        };
        try
        {
            BehaviorProperties.Require(properties);
        }
        catch (ArmRefusal refusal)
        {
            return Bad(refusal.Message);
        }

        var (version, created) = registry.Register(asked.Name, asked.Version, properties);
        return created ? TypedResults.Accepted((string?)null, version) : TypedResults.Problem($"Version {asked.Version} of '{asked.Name}' already exists.", statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Accepted<JsonObject>, ProblemHttpResult>> EventsAsync(HttpRequest request, EventGridPublisher publisher)
    {
        try
        {
            var events = Json.OneOrMany(await JsonNode.ParseAsync(request.Body, documentOptions: Json.Strict, cancellationToken: request.HttpContext.RequestAborted));
            var wanted = events.Sum(publisher.Publish);
            return TypedResults.Accepted((string?)null, new JsonObject { ["published"] = events.Count, ["deliveries"] = wanted });
        }
        catch (JsonException exception)
        {
            return Bad(exception.Message);
        }
    }

    private static JsonObject Map(Dictionary<string, string>? values) =>
        new((values ?? []).Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));

    private static ProblemHttpResult Bad(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);
}
