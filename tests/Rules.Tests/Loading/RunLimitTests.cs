using MLEvents.Events.Limits;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>The keys <c>cooldown</c>, <c>budget</c> and <c>concurrency</c>.</summary>
public sealed class RunLimitTests
{
    private const string Job = "type: command\ncommand: python train.py\nenvironment: azureml:sklearn:1\ncompute: azureml:cpu\n";

    [Fact]
    public void Limits_are_read_with_their_defaults_in_the_order_in_which_they_are_checked()
    {
        var rule = Retraining("""
            concurrency: { key: churn, limit: 2, whenBusy: coalesce }
            cooldown: { per: "{{ data.dataDriftName }}", for: 6h }
            budget: { runs: 4, per: 1d, key: Churn, whenBusy: Skip }
            """);

        Assert.Equal(
            [
                (LimitKind.Cooldown, 1, TimeSpan.FromHours(6), WhenBusy.Skip),
                (LimitKind.Budget, 4, TimeSpan.FromDays(1), WhenBusy.Skip),
                (LimitKind.Concurrency, 2, null, WhenBusy.Coalesce),
            ],
            rule.Limits.Select(limit => (limit.Kind, limit.Max, limit.Period, limit.WhenBusy)));
        Assert.Equal(["churn-monitor", "Churn", "churn"], KeysOf(rule, """{ "dataDriftName": "churn-monitor" }"""));
    }

    [Fact]
    public void Without_a_key_all_actions_of_the_rule_are_counted_together()
    {
        var rule = Retraining("concurrency: {}\ncooldown: { for: 5m }\nbudget: { runs: 1, per: 1h }");

        Assert.Equal(["r", "r", "r"], KeysOf(rule, "{}"));
        Assert.Equal([WhenBusy.Skip, WhenBusy.Wait, WhenBusy.Wait], rule.Limits.Select(limit => limit.WhenBusy));
    }

    [Fact]
    public void Actions_whose_key_is_the_same_ARM_id_are_counted_together_regardless_of_its_casing()
    {
        var rule = Retraining("concurrency: { key: \"{{ data.endpoint }}\" }");

        Assert.Equal(KeysOf(rule, """{ "endpoint": "/subscriptions/s/resourceGroups/G" }"""), KeysOf(rule, """{ "endpoint": "/subscriptions/S/resourcegroups/g/" }"""));
        Assert.NotEqual(KeysOf(rule, """{ "endpoint": "Churn" }"""), KeysOf(rule, """{ "endpoint": "churn" }"""));
    }

    [Theory]
    [InlineData("""cooldown: { per: "{{ data.none }}", for: 1h }""", "cooldown.per: ")]
    [InlineData("""concurrency: { key: "{{ data.empty }}" }""", "concurrency.key renders to an empty text")]
    public void A_key_that_cannot_be_rendered_gives_a_fault_that_names_the_key(string limits, string expected)
    {
        var rule = Retraining(limits);

        Assert.StartsWith(expected, RunLimitKeys.Create(rule, rule.Limits, TestData.Event("""{ "empty": " " }""")).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cooldown: {}", "retraining.yaml(5,15): 'for' is missing")]
    [InlineData("cooldown: { for: 10s }", "retraining.yaml(5,22): 'for' is '10s', but must be a duration from 1m to 90d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    [InlineData("cooldown: { for: 1h, key: x }", "retraining.yaml(5,26): unknown key 'key'")]
    [InlineData("budget: { per: 1h }", "retraining.yaml(5,13): 'runs' is missing")]
    [InlineData("budget: { runs: 0, per: 1h }", "retraining.yaml(5,21): 'runs' must be a whole number from 1 to 1000, not '0'")]
    [InlineData("concurrency: { limit: many }", "retraining.yaml(5,27): 'limit' must be a whole number from 1 to 100, not 'many'")]
    [InlineData("concurrency: { whenBusy: colaesce }", "retraining.yaml(5,30): 'whenBusy' must be one of skip, wait, coalesce, not 'colaesce'; did you mean 'coalesce'?")]
    [InlineData("concurrency: 1", "retraining.yaml(5,18): 'concurrency' must be a mapping of keys to values")]
    public void An_error_names_the_position_and_the_fix(string limits, string expected)
    {
        var exception = Assert.Throws<RuleFileException>(() => Retraining(limits));

        Assert.EndsWith(expected, exception.Message.Split('\n')[^1].Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void Deployment_rules_have_limits_too()
    {
        using var folder = new TempFolder();
        var rule = RuleLoader.LoadDeployments(folder.Write("deployments.yaml", """
            deployments:
              - name: d
                model: { name: churn }
                deploy: { endpoint: churn-scoring, location: westeurope }
                concurrency: { key: churn-scoring, whenBusy: coalesce }
            """)).Rules[0];

        Assert.Equal(WhenBusy.Coalesce, Assert.Single(rule.Limits).WhenBusy);
    }

    private static IEnumerable<string> KeysOf(RetrainingRule rule, string data) =>
        (RunLimitKeys.Create(rule, rule.Limits, TestData.Event(data)).Plan ?? []).Select(keyed => keyed.Key);

    private static RetrainingRule Retraining(string limits)
    {
        using var folder = new TempFolder();
        folder.Write("job.yaml", Job);
        var yaml = "retraining:\n  - name: r\n    when: { includedEventTypes: [DatasetDriftDetected] }\n    run: { job: job.yaml }\n" + string.Concat(limits.Split('\n').Select(line => $"    {line}\n"));
        return RuleLoader.LoadRetraining(folder.Write("retraining.yaml", yaml)).Rules[0];
    }
}
