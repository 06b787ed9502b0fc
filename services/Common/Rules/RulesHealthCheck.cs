using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.Rules;

/// <summary>Reports the version of the rules in force. Reports <c>degraded</c> while the current files cannot be used, or while a rule needs a subscription that only a restart creates.</summary>
internal sealed class RulesHealthCheck<TRule>(RuleSource<TRule> source, ActionEvents<TRule> actions) : IHealthCheck
    where TRule : Rule
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var rules = source.Current;
        var data = new Dictionary<string, object> { ["version"] = rules.Version, ["file"] = rules.File, ["rules"] = rules.Rules.Count };
        if (source.LastError is not { } error)
        {
            var description = rules.IsWithoutFile ? $"no rules: {rules.File} does not exist" : $"{rules.Rules.Count} {(rules.Rules.Count == 1 ? "rule" : "rules")}, version {rules.Version}";
            return Task.FromResult(actions.IsMissing
                ? HealthCheckResult.Degraded($"{description}; a rule names ActionChanged, but no rule did when the service started: restart the service, so that it subscribes to the changes of actions", data: data)
                : HealthCheckResult.Healthy(description, data));
        }

        data["error"] = error;
        return Task.FromResult(HealthCheckResult.Degraded($"the last good rules are in force: {error}", data: data));
    }
}
