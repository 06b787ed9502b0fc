using System.Globalization;

using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Traffic;

/// <summary>The steps of a deployment's traffic. They depend only on the recorded traffic and the strategy, so every replica calculates the same steps.</summary>
internal static class TrafficSchedule
{
    /// <summary>Creates the steps, in order. If no other deployment has traffic, there is one step, which gives the new deployment all traffic.</summary>
    /// <param name="strategy">The strategy.</param>
    /// <param name="recorded">The traffic before the first step.</param>
    /// <param name="deployment">The new deployment.</param>
    public static IReadOnlyList<TrafficLevel> Create(RolloutStrategy strategy, IReadOnlyDictionary<string, int> recorded, string deployment)
    {
        var isAlone = recorded.All(share => share.Key == deployment || share.Value == 0);
        if (isAlone)
        {
            // No other deployment shares the traffic or has requests to copy.
            return [new TrafficLevel("100", new Dictionary<string, int> { [deployment] = 100 }, 0, strategy.Steps[^1].Bake)];
        }

        var levels = strategy.Steps.Select(step => new TrafficLevel(
            step.Traffic.ToString(CultureInfo.InvariantCulture), TrafficShares.With(recorded, deployment, step.Traffic), 0, step.Bake));
        return strategy.Mirror == 0
            ? [.. levels]
            : [new TrafficLevel(string.Create(CultureInfo.InvariantCulture, $"mirror-{strategy.Mirror}"), recorded, strategy.Mirror, strategy.MirrorBake), .. levels];
    }

    /// <summary>Whether two traffic assignments are equal. A missing deployment counts as share 0.</summary>
    public static bool AreEqual(IReadOnlyDictionary<string, int> one, IReadOnlyDictionary<string, int> other) =>
        one.Keys.Concat(other.Keys).All(name => one.GetValueOrDefault(name) == other.GetValueOrDefault(name));

    /// <summary>The traffic for people: <c>blue 90%, green 10%</c>.</summary>
    public static string Describe(IReadOnlyDictionary<string, int> traffic)
    {
        var shares = traffic.Where(share => share.Value > 0).OrderBy(share => share.Key, StringComparer.Ordinal).ToList();
        return shares.Count == 0 ? "no traffic" : string.Join(", ", shares.Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.Key} {share.Value}%")));
    }
}

/// <summary>A step of the traffic.</summary>
/// <param name="Label">The name of the step in stage names: the percentage, or <c>mirror-</c> and the percentage.</param>
/// <param name="Traffic">The endpoint's traffic.</param>
/// <param name="Mirror">The percentage of the requests that is copied to the new deployment.</param>
/// <param name="Bake">How long the traffic stays at this step.</param>
internal sealed record TrafficLevel(string Label, IReadOnlyDictionary<string, int> Traffic, int Mirror, TimeSpan Bake);
