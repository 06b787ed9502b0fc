using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>An endpoint's traffic: a percentage for each deployment, 0 or 100 in total.</summary>
internal static class TrafficShares
{
    /// <summary>Reads the traffic in the body of a PUT; empty if the body contains no traffic.</summary>
    /// <exception cref="ArmRefusal">A percentage is not an integer from 0 to 100, the sum is invalid, or a deployment does not exist or is not ready.</exception>
    public static JsonObject Read(JsonObject body, Func<string, bool> isReady)
    {
        var traffic = body.Map("properties", "traffic");
        var sum = 0;
        foreach (var (name, _) in traffic)
        {
            var share = traffic.Number(-1, name);
            if (share is < 0 or > 100)
            {
                throw ArmRefusal.UserError($"The traffic of deployment '{name}' must be an integer from 0 to 100.", "properties.traffic");
            }

            if (!isReady(name))
            {
                throw ArmRefusal.UserError($"The traffic names deployment '{name}', which does not exist or is not ready.", "properties.traffic");
            }

            sum += share;
        }

        return sum is 0 or 100 ? traffic : throw ArmRefusal.UserError($"The traffic percentages must add up to 0 or 100; they add up to {sum}.", "properties.traffic");
    }

    /// <summary>Validates the mirror traffic in the body of a PUT: at most one deployment, 0 to 50 percent. A deployment with mirror traffic must not have live traffic.</summary>
    /// <exception cref="ArmRefusal">The mirror traffic violates a rule of Azure ML.</exception>
    public static void ValidateMirror(JsonObject body, JsonObject traffic, Func<string, bool> isReady)
    {
        var mirror = body.Map("properties", "mirrorTraffic");
        var error = mirror.Count > 1 ? $"Traffic can be mirrored to only one deployment; the request names {mirror.Count}." : mirror.Select(pair => MirrorError(pair.Key)).FirstOrDefault(found => found is not null);
        if (error is not null)
        {
            throw ArmRefusal.UserError(error, "properties.mirrorTraffic");
        }

        string? MirrorError(string name) => mirror.Number(-1, name) switch
        {
            < 0 or > 50 => $"The mirror traffic of deployment '{name}' must be an integer from 0 to 50.",
            _ when !isReady(name) => $"The mirror traffic names deployment '{name}', which does not exist or is not ready.",
            > 0 when traffic.Number(0, name) > 0 => $"Deployment '{name}' cannot receive live and mirror traffic.",
            _ => null,
        };
    }

    /// <summary>The deployments with traffic.</summary>
    public static IEnumerable<string> Receivers(JsonObject traffic) => traffic.Select(pair => pair.Key).Where(name => traffic.Number(0, name) > 0);
}
