using MLEvents.Events;
using MLEvents.Rules.Conditions;
using MLEvents.Rules.Deployments;
using MLEvents.Rules.Jobs;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads a rule of <c>deployments.yaml</c>.</summary>
internal static class DeploymentRuleReader
{
    private const string DeployKey = "deploy";
    private const string DeployPlace = "deployment.deploy";
    private static readonly string[] Extra = [TemplateModel.ModelRoot];

    /// <summary>Reads a rule.</summary>
    public static DeploymentRule? Read(MapReader keys)
    {
        var (model, gate, registry) = keys.Child("model") is { } child ? ModelReader.Read(child) : default;
        var head = RuleHeaderReader.Read(keys, model is null ? null : Implied(model, hasWhen: keys.Node("when") is not null));
        var strategy = keys.Child("strategy") is { } steps ? StrategyReader.Read(steps) : null;
        var deploy = Rollouts(keys, strategy is not null);
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
                Gate = gate,
                Registry = registry,
                Deploy = deploy[0],
                Further = deploy[1..],
                Strategy = strategy,
                Limits = limits,
                Approval = approval,
            };
    }

    private static AllOf Implied(ModelMatch model, bool hasWhen) =>
        new([.. hasWhen ? [] : new ConditionNode[] { new EventTypeTest([EventTypes.ModelRegistered]) }, model.ToCondition()]);

    // Reads a mapping, or a list of mappings: a model can go to several endpoints.
    private static ModelRollout[]? Rollouts(MapReader keys, bool hasStrategy)
    {
        var targets = keys.Required(DeployKey, KeyShape.Either(KeyShape.Reference(DeployPlace), KeyShape.ListOf(DeployPlace))) switch
        {
            null => [],
            YamlMap map => [map],
            YamlList { Items: { Count: > 0 } items } when items.All(item => item is YamlMap) => [.. items.OfType<YamlMap>()],
            var node => Refuse(node, keys.Reading),
        };
        var endpoints = new HashSet<string>(StringComparer.Ordinal);
        var rollouts = new List<ModelRollout>();
        foreach (var target in targets)
        {
            if (Rollout(new MapReader(target, keys.Reading, DeployPlace), hasStrategy) is not { } rollout)
            {
                continue;
            }

            rollouts.Add(rollout);
            if (!endpoints.Add(rollout.Endpoint.Source))
            {
                keys.Reading.Add(target, $"endpoint '{rollout.Endpoint.Source}' is in 'deploy' twice; a model has one roll-out for each endpoint");
            }
        }

        return rollouts.Count == 0 || rollouts.Count < targets.Length ? null : [.. rollouts];
    }

    private static YamlMap[] Refuse(YamlNode node, RuleParseContext reading)
    {
        reading.Add(node, $"'{DeployKey}' must be a mapping of keys to values, or a list of such mappings");
        return [];
    }

    private static ModelRollout? Rollout(MapReader keys, bool hasStrategy)
    {
        var file = keys.Scalar("deployment");
        var definition = file is null ? null : DeploymentFile.Read(file, keys.Reading);
        var endpoint = keys.RequiredScalar("endpoint") is { } text ? Endpoint(text, keys.Reading) : null;
        var location = keys.RequiredScalar("location") is { } region ? Location(region, keys.Reading) : null;
        var rollout = new ModelRollout
        {
            Endpoint = endpoint ?? Template.Parse("", TemplateTarget.Argument),
            Location = location ?? Template.Parse("", TemplateTarget.Argument),
            Model = Model(keys),
            Workspace = WorkspaceReader.Read(keys),
            InstanceType = Argument(keys, "instanceType"),
            InstanceCount = InstanceCount(keys),
            AuthMode = keys.Choice("authMode", EndpointAuthMode.Key),
            Traffic = keys.Number("traffic", 0, 100, ifAbsent: 100),
            EnvironmentId = EnvironmentId(keys),
            CodeConfiguration = keys.Child("codeConfiguration") is { } code ? Code(code) : null,
            Tags = keys.Templates("tags", Extra),
            Compute = keys.Reference(keys.Scalar("compute"), AssetReference.Compute),
            Identities = Identities(keys),
            File = file?.Value,
            Definition = definition,
            Autoscale = keys.Child("autoscale") is { } autoscale ? AutoscaleReader.Read(autoscale) : null,
        };
        CheckAutoscale(keys, rollout);
        if (hasStrategy && keys.Node("traffic") is { } traffic)
        {
            keys.Reading.Add(traffic, "'traffic' cannot be used with 'strategy': the last of its 'steps' sets the final share");
        }

        keys.RejectUnreadKeys();
        return endpoint is null || location is null || (file is not null && definition is null) ? null : rollout;
    }

    private static void CheckAutoscale(MapReader keys, ModelRollout rollout)
    {
        if (keys.Node("autoscale") is not { } autoscale)
        {
            return;
        }

        if (rollout.Compute is not null || rollout.Definition is { IsKubernetes: true })
        {
            keys.Reading.Add(autoscale, "'autoscale' is for managed deployments; a Kubernetes deployment scales by 'scale_settings' with 'type: target_utilization' in its deployment file");
        }
        else if (rollout.Definition is { IsScaledByUtilization: true })
        {
            keys.Reading.Add(autoscale, "'autoscale' cannot be combined with 'scale_settings: { type: target_utilization }' in the deployment file; for a managed deployment, remove 'scale_settings' and keep 'autoscale'");
        }
        else if (rollout.Autoscale is { } bounds && InitialCount(rollout) is { } count && (count < bounds.Min || count > bounds.Max))
        {
            keys.Reading.Add(keys.Node("instanceCount") ?? autoscale, $"the deployment would start with {count} instances, but 'autoscale' allows {bounds.Min} to {bounds.Max}; set 'instanceCount' to a number in this range");
        }
    }

    // Null if the number is a template, because an event is needed to render it.
    private static int? InitialCount(ModelRollout rollout) => rollout.InstanceCount is not { } count ? rollout.Definition?.InstanceCount
        : count.IsConstant ? RolloutTarget.ParseInstanceCount(count.Source.Trim())
        : null;

    private static Template? Argument(MapReader keys, string key) => keys.Scalar(key) is { } text ? keys.Reading.Inline(text, TemplateTarget.Argument, Extra) : null;

    private static Template? Model(MapReader keys)
    {
        var model = keys.Scalar("model") is { } text ? keys.Reading.Inline(text, TemplateTarget.Argument, []) : null;
        if (model is { IsConstant: true } && RegisteredModel.Parse(model.Source.Trim()) is null && keys.Node("model") is { } node)
        {
            keys.Reading.Add(node, $"'model' {RegisteredModel.ReferenceRule}, not '{model.Source.Trim()}'");
        }

        return model;
    }

    private static Template? InstanceCount(MapReader keys)
    {
        var count = Argument(keys, "instanceCount");
        if (count is { IsConstant: true } && RolloutTarget.ParseInstanceCount(count.Source.Trim()) is null && keys.Node("instanceCount") is { } node)
        {
            keys.Reading.Add(node, $"'instanceCount' {RolloutTarget.InstanceCountRule}, not '{count.Source.Trim()}'");
        }

        return count;
    }

    private static Template? EnvironmentId(MapReader keys)
    {
        var environment = Argument(keys, "environmentId");
        if (environment is { IsConstant: true })
        {
            keys.Reference(keys.Scalar("environmentId"), AssetReference.Environment);
        }

        return environment;
    }

    private static string[] Identities(MapReader keys)
    {
        var identities = keys.Texts("identity");
        foreach (var identity in identities.Where(one => !one.Value.Contains("/providers/Microsoft.ManagedIdentity/userAssignedIdentities/", StringComparison.OrdinalIgnoreCase)))
        {
            keys.Reading.Add(identity, $"'{identity.Value}' is not the ARM id of a user-assigned identity: /subscriptions/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/…");
        }

        return [.. identities.Select(identity => identity.Value)];
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

    private static Template? Location(YamlText text, RuleParseContext reading)
    {
        var location = reading.Inline(text, TemplateTarget.Argument, Extra);
        if (location is { IsConstant: true } && !RolloutTarget.IsLocation(text.Value.Trim()))
        {
            reading.Add(text, $"the location '{text.Value}' {RolloutTarget.LocationRule}");
        }

        return location;
    }

    private static ScoringCode? Code(MapReader keys)
    {
        var (id, script) = (keys.RequiredScalar("codeId"), keys.RequiredScalar("scoringScript"));
        keys.RejectUnreadKeys();
        return id is null || script is null ? null : new ScoringCode(id.Value, script.Value);
    }
}
