using MLEvents.Events;
using MLEvents.Rules.Conditions;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads a rule of <c>deployments.yaml</c>.</summary>
internal static class DeploymentRuleReader
{
    private static readonly string[] Extra = [TemplateModel.ModelRoot];

    /// <summary>Reads a rule.</summary>
    public static DeploymentRule? Read(MapReader keys)
    {
        var model = keys.Child("model") is { } child ? Model(child) : null;
        var head = RuleHeaderReader.Read(keys, model is null ? null : Implied(model, hasWhen: keys.Node("when") is not null));
        var strategy = keys.Child("strategy") is { } steps ? StrategyReader.Read(steps) : null;
        var deploy = keys.RequiredChild("deploy") is { } rollout ? Rollout(rollout, strategy is not null) : null;
        var limits = RunLimitReader.Read(keys);
        var approval = ApprovalReader.Read(keys, ApprovalPoint.Traffic, ApprovalPoint.Start);
        return head is null || deploy is null
            ? null
            : new DeploymentRule
            {
                Name = head.Name,
                Enabled = head.Enabled,
                DryRun = head.DryRun,
                Once = head.Once,
                When = head.When,
                Line = head.Line,
                Model = model,
                Deploy = deploy,
                Strategy = strategy,
                Limits = limits,
                Approval = approval,
            };
    }

    private static AllOf Implied(ModelMatch model, bool hasWhen) =>
        new([.. hasWhen ? [] : new ConditionNode[] { new EventTypeTest([EventTypes.ModelRegistered]) }, model.ToCondition()]);

    private static ModelMatch Model(MapReader keys)
    {
        var model = new ModelMatch
        {
            Names = Values(keys, "name"),
            Versions = Values(keys, "version"),
            Tags = ValuesByName(keys, "tags"),
            Properties = ValuesByName(keys, "properties"),
        };
        keys.RefuseTheRest();
        if (model.Names.Count + model.Versions.Count + model.Tags.Count + model.Properties.Count == 0)
        {
            keys.Reading.Add(keys.Map, "'model' needs at least one of name, version, tags and properties");
        }

        return model;
    }

    private static string[] Values(MapReader keys, string key) => [.. keys.Texts(key).Select(text => text.Value)];

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> ValuesByName(MapReader keys, string key) => keys.Each<IReadOnlyList<string>>(key, KeyShape.Texts, (name, node) => node switch
    {
        YamlList list => [.. list.Items.Select(item => keys.AsText($"{name}[]", item)).OfType<YamlText>().Select(text => text.Value)],
        _ => keys.AsText(name, node) is { } text ? [text.Value] : null,
    });

    private static ModelRollout? Rollout(MapReader keys, bool hasStrategy)
    {
        var endpoint = keys.RequiredScalar("endpoint") is { } text ? Endpoint(text, keys.Reading) : null;
        var location = keys.RequiredScalar("location")?.Value;
        var rollout = new ModelRollout
        {
            Endpoint = endpoint ?? Template.Parse("", TemplateTarget.Argument),
            Location = location ?? "",
            InstanceType = keys.Scalar("instanceType")?.Value ?? "Standard_DS3_v2",
            InstanceCount = keys.Number("instanceCount", 1, 100, ifAbsent: 1),
            AuthMode = keys.Choice("authMode", EndpointAuthMode.Key),
            Traffic = keys.Number("traffic", 0, 100, ifAbsent: 100),
            EnvironmentId = keys.Scalar("environmentId")?.Value,
            CodeConfiguration = keys.Child("codeConfiguration") is { } code ? Code(code) : null,
            Tags = keys.Templates("tags", Extra),
        };
        if (hasStrategy && keys.Node("traffic") is { } traffic)
        {
            keys.Reading.Add(traffic, "'traffic' does not go with 'strategy': the last of its 'steps' is the share in the end");
        }

        keys.RefuseTheRest();
        return endpoint is null || location is null ? null : rollout;
    }

    private static Template? Endpoint(YamlText text, RuleParseContext reading)
    {
        var endpoint = reading.Inline(text, TemplateTarget.Argument, Extra);
        if (endpoint is { IsConstant: true } && !RolloutTarget.IsEndpointName(text.Value.Trim()))
        {
            reading.Add(text, $"the endpoint name '{text.Value}' {RolloutTarget.EndpointNameRule}");
        }

        return endpoint;
    }

    private static ScoringCode? Code(MapReader keys)
    {
        var (id, script) = (keys.RequiredScalar("codeId"), keys.RequiredScalar("scoringScript"));
        keys.RefuseTheRest();
        return id is null || script is null ? null : new ScoringCode(id.Value, script.Value);
    }
}
