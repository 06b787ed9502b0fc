using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MLEvents.Manifests.Monitoring;

/// <summary>Checks the alert rules and the queries of the Grafana dashboard with promtool. Compares their metrics with the documented metrics.</summary>
public sealed partial class MonitoringTests
{
    private const string AlertRules = "deploy/monitoring/alerts.yaml";
    private const string AlertRuleTests = "deploy/monitoring/alerts.test.yaml";
    private const string Dashboard = "deploy/monitoring/grafana.json";

    [Fact]
    public async Task Prometheus_accepts_the_alert_rules_and_their_tests_pass()
    {
        var check = await Tool.RunAsync("promtool", "check", "rules", AlertRules);
        var tests = await Tool.RunAsync("promtool", "test", "rules", AlertRuleTests);

        Assert.True(check.ExitCode == 0, check.Output + check.Error);
        Assert.True(tests.ExitCode == 0, tests.Output + tests.Error);
    }

    [Fact]
    public void Every_alert_rule_has_a_test()
    {
        var names = AlertName().Matches(Text(AlertRules)).Select(match => match.Groups[1].Value).ToList();
        var tested = TestedName().Matches(Text(AlertRuleTests)).Select(match => match.Groups[1].Value);

        Assert.NotEmpty(names);
        Assert.Equal(names.Order(), tested.Distinct().Order());
    }

    [Fact]
    public async Task Prometheus_accepts_the_queries_of_the_dashboard()
    {
        using var folder = new TempFolder();
        var queries = Queries().Select(query => query.Replace("$__rate_interval", "5m", StringComparison.Ordinal));
        var rules = queries.Select((query, number) => $"      - {{ record: 'panel:{number}', expr: '{query}' }}\n");

        var check = await Tool.RunAsync("promtool", "check", "rules", folder.Write("queries.yaml", $"groups:\n  - name: dashboard\n    rules:\n{string.Concat(rules)}"));

        Assert.True(check.ExitCode == 0, check.Output + check.Error);
    }

    [Fact]
    public void Every_metric_is_documented()
    {
        var documented = DocumentedMetric().Matches(Text("docs/operations.md")).Select(match => match.Groups[1].Value.Replace('.', '_')).ToList();
        var used = UsedMetric().Matches(string.Join('\n', Queries()) + Text(AlertRules)).Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(used);
        Assert.All(used, metric => Assert.Contains(documented, name => Suffixes(name).Contains(metric)));
    }

    // The OTLP receiver of Prometheus appends these suffixes to counters and to histograms in seconds.
    private static string[] Suffixes(string name) => [name, $"{name}_total", $"{name}_seconds_bucket"];

    private static IEnumerable<string> Queries() =>
        (JsonNode.Parse(Text(Dashboard))?["panels"]?.AsArray() ?? []).SelectMany(panel => panel?["targets"]?.AsArray() ?? []).Select(target => (string?)target?["expr"] ?? "");

    private static string Text(string path) => File.ReadAllText(Repository.PathOf(path));

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex AlertName();

    [GeneratedRegex(@"alertname: (\w+)")]
    private static partial Regex TestedName();

    [GeneratedRegex(@"^\| `(mlevents\.[a-z.]+)`", RegexOptions.Multiline)]
    private static partial Regex DocumentedMetric();

    [GeneratedRegex(@"\bmlevents_[a-z_]+")]
    private static partial Regex UsedMetric();
}
