using System.Collections.Concurrent;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Documents;

namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>Reads documents of kind <c>Resiliency</c>. A target can use the policies of all documents.</summary>
internal sealed class ResiliencyDocuments(TimeProvider time)
{
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultMaxInterval = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DefaultBreakerTimeout = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, TimeSpan> _timeouts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RetryPolicy> _retries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BreakerSettings> _breakers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Component, PolicyDirection Direction), PolicyNames> _targets = [];

    // As in daprd, a component has one circuit breaker for both directions, created from the policy that is used first.
    private readonly ConcurrentDictionary<string, CircuitBreaker> _circuits = new(StringComparer.Ordinal);
    private readonly List<string> _ignored = [];

    /// <summary>Settings without effect, each with its place and the reason.</summary>
    public IReadOnlyList<string> Ignored => _ignored;

    /// <summary>Reads the documents.</summary>
    /// <exception cref="ResourceException">A document has an unknown key or a wrong value, or refers to an undefined policy.</exception>
    public static ResiliencyDocuments Read(IReadOnlyList<YamlMap> documents, TimeProvider time)
    {
        var read = new ResiliencyDocuments(time);
        var specs = documents.Select(Spec).ToList();
        specs.ForEach(spec => read.ReadPolicies(spec.Map("policies")));
        specs.ForEach(spec => read.ReadTargets(spec.Map("targets")));
        return read;
    }

    /// <summary>Returns the policies of a component. If no document has a target for the component, these are the most specific default policies.</summary>
    public PolicySet Resolve(string component, string type, PolicyDirection direction)
    {
        var names = _targets.GetValueOrDefault((component, direction)) ?? Defaults(Block(type), direction);
        return new PolicySet(
            names.Timeout is { } timeout ? _timeouts[timeout] : null,
            names.Retry is { } retry ? _retries[retry] : null,
            names.Breaker is { } breaker ? _circuits.GetOrAdd(component, _ => new CircuitBreaker(_breakers[breaker], time)) : null);
    }

    private static YamlMap Spec(YamlMap document)
    {
        document.ResourceName();
        return document.RequiredMap("spec").Only("policies", "targets");
    }

    private static string Block(string type) => type.Split('.')[0] switch
    {
        "pubsub" => "Pubsub",
        "state" => "Statestore",
        "bindings" => "Binding",
        "secretstores" => "Secretstore",
        var other => other,
    };

    private RetryPolicy Retry(YamlMap map)
    {
        map.Only("policy", "duration", "maxInterval", "maxRetries", "matching");
        return new RetryPolicy(
            IsExponential(map),
            map.Duration("duration") ?? DefaultWait,
            map.Duration("maxInterval") ?? DefaultMaxInterval,
            map.Number("maxRetries") ?? -1,
            Statuses(map.Map("matching")));
    }

    private static bool IsExponential(YamlMap map) => map.Text("policy") switch
    {
        null or "constant" => false,
        "exponential" => true,
        var other => throw new ResourceException(map.SourceOf("policy"), $"unknown retry policy '{other}'; expected one of: constant, exponential"),
    };

    private StatusMatch? Statuses(YamlMap? map)
    {
        map?.Only("httpStatusCodes", "gRPCStatusCodes");
        Ignore(map, "gRPCStatusCodes", "the embedded sidecar supports only HTTP for the app");
        return map?.Text("httpStatusCodes") is not { } text
            ? null
            : StatusMatch.TryParse(text)
                ?? throw new ResourceException(map.SourceOf("httpStatusCodes"), $"'{text}' is not a list of statuses; write for example 429,500-599");
    }

    private void Ignore(YamlMap? map, string key, string reason)
    {
        if (map?.Has(key) == true)
        {
            _ignored.Add($"{map.SourceOf(key)}: '{key}' has no effect: {reason}");
        }
    }

    // As in daprd, 'maxRequests: 0' means 1, because a breaker that allows no calls would never close.
    private static BreakerSettings Breaker(YamlMap map)
    {
        map.Only("maxRequests", "interval", "timeout", "trip");
        return new BreakerSettings(
            Trip(map), Math.Max(1, map.Number("maxRequests") ?? 1), map.Duration("interval") ?? TimeSpan.Zero, map.Duration("timeout") ?? DefaultBreakerTimeout);
    }

    private static TripCondition Trip(YamlMap map) => map.Text("trip") is not { } text
        ? TripCondition.Default
        : TripCondition.TryParse(text) ?? throw new ResourceException(
            map.SourceOf("trip"),
            $"the embedded sidecar cannot read the trip condition '{text}'; write {TripCondition.Forms} with one of the counters {string.Join(", ", TripCondition.CounterNames)}");

    private void ReadPolicies(YamlMap? policies)
    {
        policies?.Only("timeouts", "retries", "circuitBreakers");
        ReadEach(policies?.Map("timeouts"), _timeouts, (map, name) => YamlMap.Duration(map.RequiredText(name), map.SourceOf(name)));
        ReadEach(policies?.Map("retries"), _retries, (map, name) => Retry(map.RequiredMap(name)));
        ReadEach(policies?.Map("circuitBreakers"), _breakers, (map, name) => Breaker(map.RequiredMap(name)));
    }

    private static void ReadEach<T>(YamlMap? map, Dictionary<string, T> policies, Func<YamlMap, string, T> read)
    {
        foreach (var name in map?.Keys ?? [])
        {
            policies[name] = read(map ?? throw new InvalidOperationException("a mapping without keys was enumerated"), name);
        }
    }

    private void ReadTargets(YamlMap? targets)
    {
        targets?.Only("apps", "actors", "components");
        Ignore(targets, "apps", "the embedded sidecar has no service invocation");
        Ignore(targets, "actors", "the embedded sidecar has no actors");
        if (targets?.Map("components") is not { } components)
        {
            return;
        }

        foreach (var name in components.Keys)
        {
            var target = components.RequiredMap(name).Only("inbound", "outbound");
            _targets[(name, PolicyDirection.Inbound)] = Names(target.Map("inbound"));
            _targets[(name, PolicyDirection.Outbound)] = Names(target.Map("outbound"));
        }
    }

    private PolicyNames Names(YamlMap? target) => target?.Only("timeout", "retry", "circuitBreaker") is null
        ? PolicyNames.None
        : new PolicyNames(Known(target, "timeout", _timeouts), Known(target, "retry", _retries), Known(target, "circuitBreaker", _breakers));

    private static string? Known<T>(YamlMap target, string key, Dictionary<string, T> policies) => target.Text(key) is not { } name
        ? null
        : policies.ContainsKey(name)
            ? name
            : throw new ResourceException(target.SourceOf(key), $"unknown {key} policy '{name}'; defined policies: {(policies.Count == 0 ? "none" : string.Join(", ", policies.Keys))}");

    private PolicyNames Defaults(string block, PolicyDirection direction) => new(
        Default(_timeouts, block, direction, "Timeout"), Default(_retries, block, direction, "Retry"), Default(_breakers, block, direction, "CircuitBreaker"));

    private static string? Default<T>(Dictionary<string, T> policies, string block, PolicyDirection direction, string kind) =>
        new[] { $"Default{block}Component{direction}{kind}Policy", $"DefaultComponent{direction}{kind}Policy", $"DefaultComponent{kind}Policy", $"Default{kind}Policy" }.FirstOrDefault(policies.ContainsKey);

    private sealed record PolicyNames(string? Timeout, string? Retry, string? Breaker)
    {
        public static PolicyNames None { get; } = new(null, null, null);
    }
}
