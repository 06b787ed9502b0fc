using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.MachineLearning;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Scoring;

/// <summary>The answer of a deployment to a request.</summary>
/// <param name="Deployment">The deployment.</param>
/// <param name="Status">The status.</param>
/// <param name="Answer">The body that was set for the deployment; null to echo the input, and for a failed request.</param>
/// <param name="Latency">Time until the answer.</param>
internal sealed record ScoringOutcome(JsonObject Deployment, int Status, JsonNode? Answer, TimeSpan Latency);

/// <summary>
/// Selects the deployment of each request by the endpoint's traffic, copies requests by the endpoint's mirror traffic, and records all these requests for the
/// metrics.
/// </summary>
internal sealed class ScoringServer(ResourceStore store, ScoringBehaviors behaviors, RequestLog log, TimeProvider time)
{
    private readonly SeededRandom _random = new(1);

    /// <summary>Serves a request; null when no deployment can serve it.</summary>
    /// <param name="endpoint">The endpoint's id.</param>
    /// <param name="deployment">The requested deployment; null to select one by traffic.</param>
    public ScoringOutcome? Serve(string endpoint, string? deployment)
    {
        var properties = store.Get(endpoint).Map("properties");
        var traffic = properties.Map("traffic");
        if ((deployment ?? Select(traffic)) is not { } name || Ask(endpoint, name, traffic.Number(0, name)) is not { } outcome)
        {
            return null;
        }

        // Azure copies only requests that name no deployment, and drops the answers to the copies.
        if (deployment is null)
        {
            var mirror = properties.Map("mirrorTraffic");
            foreach (var copied in TrafficShares.Receivers(mirror).Where(copied => _random.NextDouble() * 100 < mirror.Number(0, copied)))
            {
                Ask(endpoint, copied, traffic: 0);
            }
        }

        return outcome;
    }

    private string? Select(JsonObject traffic)
    {
        var point = _random.NextDouble() * 100;
        foreach (var name in TrafficShares.Receivers(traffic))
        {
            point -= traffic.Number(0, name);
            if (point < 0)
            {
                return name;
            }
        }

        return TrafficShares.Receivers(traffic).LastOrDefault();
    }

    private ScoringOutcome? Ask(string endpoint, string name, int traffic)
    {
        // During an update of a deployment, its previous instances still serve requests.
        if (store.Get($"{endpoint}/deployments/{name}") is not { } deployment || deployment.Text("properties", "provisioningState") is not ("Succeeded" or "Updating"))
        {
            return null;
        }

        var behavior = behaviors.Find(deployment).At(traffic);
        var fails = behavior.FailureRate > 0 && _random.NextDouble() < behavior.FailureRate;
        var status = fails ? behavior.FailureStatus : StatusCodes.Status200OK;
        log.Add(endpoint, new(name, time.GetUtcNow(), status, behavior.Latency));
        return new(deployment, status, fails ? null : behavior.Answer?.DeepClone(), behavior.Latency);
    }
}
