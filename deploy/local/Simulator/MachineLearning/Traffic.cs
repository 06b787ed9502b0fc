using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>An endpoint's traffic: a percentage for each deployment, 0 or 100 in all.</summary>
internal static class Traffic
{
    /// <summary>The traffic a PUT asks for; empty when it asks for none.</summary>
    /// <exception cref="ArmRefusal">A share is no whole percentage, the sum is wrong, or a deployment does not exist.</exception>
    public static JsonObject Read(JsonObject body, Func<string, bool> exists)
    {
        var traffic = body.Map("properties", "traffic");
        var sum = 0;
        foreach (var (name, _) in traffic)
        {
            var share = traffic.Number(-1, name);
            if (share is < 0 or > 100)
            {
                throw ArmRefusal.UserError($"The traffic of deployment '{name}' must be a whole number from 0 to 100.", "properties.traffic");
            }

            if (!exists(name))
            {
                throw ArmRefusal.UserError($"The traffic names deployment '{name}', which does not exist or is not ready.", "properties.traffic");
            }

            sum += share;
        }

        return sum is 0 or 100 ? traffic : throw ArmRefusal.UserError($"The sum of traffic must be 0 or 100; it is {sum}.", "properties.traffic");
    }

    /// <summary>The deployments that receive any.</summary>
    public static IEnumerable<string> Receivers(JsonObject traffic) => traffic.Select(pair => pair.Key).Where(name => traffic.Number(0, name) > 0);
}
