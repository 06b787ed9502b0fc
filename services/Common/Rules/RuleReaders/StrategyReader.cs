using MLEvents.Rules.Reading;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads <c>strategy</c> of a deployment rule.</summary>
internal static class StrategyReader
{
    private const int MaxSteps = 20;
    private const int Everything = 100;
    private const int MaxMirrored = 50;
    private const string Steps = "steps";
    private const string Traffic = "traffic";
    private const string Bake = "bake";
    private const string Metrics = "metrics";

    private static readonly TimeSpan MaxBake = TimeSpan.FromDays(7);
    private static readonly TimeSpan MaxRetirement = TimeSpan.FromDays(90);
    private static readonly KeyShape StepShape = KeyShape.Either(KeyShape.Whole(1, Everything), KeyShape.Reference($"deployment.strategy.{Steps}"));

    /// <summary>Reads a strategy and records errors.</summary>
    public static RolloutStrategy Read(MapReader keys)
    {
        var bake = ShortDuration.Read(keys, Bake, TimeSpan.Zero, MaxBake);
        var steps = ReadSteps(keys, bake ?? TimeSpan.Zero);
        var strategy = new RolloutStrategy
        {
            Steps = steps.Count == 0 ? [new(Everything, bake ?? TimeSpan.Zero)] : steps,
            Mirror = keys.Number("mirror", 0, MaxMirrored, ifAbsent: 0),
            MirrorBake = bake ?? TimeSpan.Zero,
            Verify = VerificationReader.Read(keys),
            Metrics = MetricsReader.Read(keys),
            OnFailure = keys.Choice("onFailure", FailureAction.Rollback, inLowerCase: true),
            FailedDeployment = keys.Choice("failedDeployment", FailedDeploymentAction.Keep, inLowerCase: true),
            Keep = keys.Scalar("keep", KeyShape.Whole(0, MaxSteps)) is null ? null : keys.Number("keep", 0, MaxSteps, ifAbsent: 1),
            RetireAfter = ShortDuration.Read(keys, "retireAfter", TimeSpan.Zero, MaxRetirement) ?? TimeSpan.Zero,
        };
        CheckTogether(keys, strategy);
        keys.RejectUnreadKeys();
        return strategy;
    }

    private static List<RolloutStep> ReadSteps(MapReader keys, TimeSpan bake)
    {
        var steps = new List<RolloutStep>();
        if (keys.Node(Steps, KeyShape.List(StepShape)) is not { } node)
        {
            return steps;
        }

        if (node is not YamlList { Items: { Count: > 0 and <= MaxSteps } items })
        {
            keys.Reading.Add(node, $"'{Steps}' must be a list of 1 to {MaxSteps} percentages in rising order, such as [10, 50, 100]");
            return steps;
        }

        foreach (var item in items)
        {
            if (ReadStep(keys, item, bake) is { } step)
            {
                RequireIncreasingTraffic(keys, item, steps, step);
                steps.Add(step);
            }
        }

        return steps;
    }

    private static RolloutStep? ReadStep(MapReader keys, YamlNode item, TimeSpan bake)
    {
        // A percentage alone is short for { traffic: percentage }.
        var map = item as YamlMap ?? new YamlMap([new YamlEntry(new YamlText(Traffic, YamlStyle.Plain, item.Line, item.Column), item)], item.Line, item.Column);
        var step = new MapReader(map, keys.Reading, $"deployment.strategy.{Steps}");
        var share = step.Required(Traffic, KeyShape.Whole(1, Everything)) is null ? 0 : step.Number(Traffic, 1, Everything, ifAbsent: 0);
        var own = ShortDuration.Read(step, Bake, TimeSpan.Zero, MaxBake);
        step.RejectUnreadKeys();
        return share == 0 ? null : new RolloutStep(share, own ?? bake);
    }

    private static void RequireIncreasingTraffic(MapReader keys, YamlNode item, List<RolloutStep> earlier, RolloutStep step)
    {
        if (earlier.Count > 0 && step.Traffic <= earlier[^1].Traffic)
        {
            keys.Reading.Add(item, $"'{Steps}' must rise: {step.Traffic} follows {earlier[^1].Traffic}");
        }
    }

    private static void CheckTogether(MapReader keys, RolloutStrategy strategy)
    {
        if (strategy.Metrics.Count > 0 && strategy.Steps.All(step => step.Bake == TimeSpan.Zero) && keys.Node(Metrics) is { } metrics)
        {
            keys.Reading.Add(metrics, $"'{Metrics}' are watched while a step bakes; add '{Bake}', such as 15m");
        }

        if (strategy.RetireAfter > TimeSpan.Zero && strategy.Keep is null && keys.Node("retireAfter") is { } retireAfter)
        {
            keys.Reading.Add(retireAfter, "'retireAfter' needs 'keep', the number of earlier deployments that stay, such as 1");
        }
    }
}
