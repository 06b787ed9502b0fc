using MLEvents.Events;
using MLEvents.Rules.Explaining;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>The reading of <c>deploy.autoscale</c>, and the error texts for invalid settings.</summary>
public sealed class AutoscaleTests
{
    private const string Grow = "{ metric: CpuUtilizationPercentage, above: 70, add: 1 }";
    private const string Shrink = "{ metric: CpuUtilizationPercentage, below: 30, remove: 2, window: 10m, cooldown: 2h }";

    [Fact]
    public void All_keys_of_autoscale_are_read_and_missing_keys_have_defaults()
    {
        var full = Load($"{{ min: 2, max: 5, default: 3, rules: [{Grow}, {Shrink}] }}").Deploy.Autoscale;
        var plain = Load($"{{ min: 2, max: 5, rules: [{Grow}] }}").Deploy.Autoscale;

        Assert.Equal((2, 5, 3), (full?.Min, full?.Max, full?.Default));
        Assert.Equal(
            [("CpuUtilizationPercentage", 70, 1, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)), ("CpuUtilizationPercentage", 30, -2, TimeSpan.FromMinutes(10), TimeSpan.FromHours(2))],
            full?.Rules.Select(rule => (rule.Metric, rule.Threshold, rule.Change, rule.Window, rule.Cooldown)));
        Assert.Equal(2, plain?.Default);
        Assert.Equal("2 to 5 instances by CpuUtilizationPercentage", $"{plain}");
    }

    [Theory]
    [InlineData("{ max: 5, rules: [] }", "(4,54): 'min' is missing")]
    [InlineData("{ min: 1, max: 101, rules: [{ metric: CpuUtilizationPercentage, above: 7, add: 1 }] }", "(4,69): 'max' must be a whole number from 1 to 100, not '101'")]
    [InlineData("{ min: 1, max: 5, rules: [] }", "(4,79): 'rules' must be a list of 1 to 10 mappings, such as [{ metric: CpuUtilizationPercentage, above: 70, add: 1 }]")]
    [InlineData("{ min: 4, max: 3, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1 }] }", "(4,54): 'min' (4) must not exceed 'default' (4), and 'default' must not exceed 'max' (3)")]
    [InlineData("{ min: 2, max: 3, default: 1, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1 }] }", "(4,54): 'min' (2) must not exceed 'default' (1), and 'default' must not exceed 'max' (3)")]
    [InlineData("{ min: 1, max: 3, step: 1, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1 }] }", "(4,72): unknown key 'step'")]
    [InlineData("{ min: 1, max: 3, rules: [{ metric: CpuUtilization, above: 70, add: 1 }] }", "(4,90): unknown metric 'CpuUtilization'; did you mean 'DiskUtilization'?; expected one of: CpuUtilizationPercentage, CpuMemoryUtilizationPercentage, GpuUtilizationPercentage, GpuMemoryUtilizationPercentage, DiskUtilization, RequestsPerMinute, RequestLatency_P50, RequestLatency_P90, RequestLatency_P95, RequestLatency_P99")]
    [InlineData("{ min: 1, max: 3, rules: [{ metric: CpuUtilizationPercentage, above: 170, add: 1 }] }", "(4,123): 'above' must be a number from 0 to 100, not '170'")]
    [InlineData("{ min: 1, max: 3, rules: [{ metric: CpuUtilizationPercentage, above: 70 }] }", "(4,80): an autoscale rule has either 'above' and 'add', or 'below' and 'remove'")]
    [InlineData("{ min: 1, max: 3, rules: [{ metric: CpuUtilizationPercentage, above: 70, remove: 1 }] }", "(4,80): an autoscale rule has either 'above' and 'add', or 'below' and 'remove'")]
    [InlineData("{ min: 1, max: 3, rules: [{ metric: CpuUtilizationPercentage, above: 70, below: 10, add: 1 }] }", "(4,80): an autoscale rule has either 'above' and 'add', or 'below' and 'remove'")]
    [InlineData("{ min: 1, max: 3, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1, window: 1m }] }", "(4,143): 'window' is '1m', but must be a duration from 5m to 12h: a whole number of milliseconds (ms), seconds (s), minutes (m), hours (h) or days (d), such as 90s")]
    [InlineData("{ min: 1, max: 3, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1, cooldown: 8d }] }", "(4,145): 'cooldown' is '8d', but must be a duration from 1m to 7d: a whole number of milliseconds (ms), seconds (s), minutes (m), hours (h) or days (d), such as 90s")]
    [InlineData("{ min: 1, max: 3, rules: [{ metric: RequestsPerMinute, above: 70, add: 1 }, { metric: RequestsPerMinute, below: 70, remove: 1 }] }", "(4,79): the rules for RequestsPerMinute add instances above 70 and remove instances below 70, so they would alternate; 'below' must be less than 'above'")]
    public void A_wrong_setting_is_named_with_its_place(string autoscale, string expected) => Assert.Contains(expected, Errors(autoscale));

    [Theory]
    [InlineData(", compute: azureml:k8s", "type: kubernetes", "'autoscale' is for managed deployments; a Kubernetes deployment scales by 'scale_settings' with 'type: target_utilization' in its deployment file")]
    [InlineData("", "type: kubernetes", "'autoscale' is for managed deployments; a Kubernetes deployment scales by 'scale_settings' with 'type: target_utilization' in its deployment file")]
    [InlineData("", "scale_settings: { type: target_utilization, max_instances: 3 }", "'autoscale' cannot be combined with 'scale_settings: { type: target_utilization }' in the deployment file; for a managed deployment, remove 'scale_settings' and keep 'autoscale'")]
    [InlineData(", instanceCount: 6", "type: managed", "the deployment would start with 6 instances, but 'autoscale' allows 1 to 5; set 'instanceCount' to a number in this range")]
    [InlineData("", "instance_count: 7", "the deployment would start with 7 instances, but 'autoscale' allows 1 to 5; set 'instanceCount' to a number in this range")]
    public void The_error_for_a_deployment_that_cannot_use_autoscale_says_what_to_do(string keys, string file, string expected) =>
        Assert.EndsWith(expected, Assert.Single(Errors($"{{ min: 1, max: 5, rules: [{Grow}] }}", keys, file)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", 3, null)]
    [InlineData(""", instanceCount: "{{ data.count }}" """, 4, null)]
    [InlineData(""", instanceCount: "{{ data.many }}" """, null, "instanceCount: '6' is outside the range 2 to 5 of 'autoscale'.")]
    public void A_deployment_starts_within_the_bounds_of_its_autoscale_setting(string keys, int? count, string? fault)
    {
        var rule = Load($"{{ min: 2, max: 5, default: 3, rules: [{Grow}] }}", keys);
        var registered = TestData.Event("""{ "modelName": "churn", "modelVersion": "7", "count": "4", "many": "6" }""", EventTypes.ModelRegistered) with { Source = TestData.Workspace };

        var planned = RolloutTarget.Create(rule, registered);

        Assert.Equal((count, fault), (planned.Plan?.InstanceCount, planned.Fault));
        Assert.Equal(fault is null ? 2 : null, (int?)RulePlans.Create(rule, registered).Action?["autoscale"]?["min"]);
    }

    private static IEnumerable<string> Errors(string autoscale, string keys = "", string? file = null) =>
        Assert.Throws<RuleFileException>(() => Load(autoscale, keys, file)).Errors.Select(error => $"({error.Line},{error.Column}): {error.Message}");

    private static DeploymentRule Load(string autoscale, string keys = "", string? file = null)
    {
        using var folder = new TempFolder();
        folder.Write("churn.yaml", file ?? "type: managed");
        return RuleLoader.LoadDeployments(folder.Write("deployments.yaml", $$"""
            deployments:
              - name: r
                model: { name: churn }
                deploy: { endpoint: eee, location: l, autoscale: {{autoscale}}, deployment: churn.yaml{{keys}} }
            """)).Rules.Single();
    }
}
