using System.Globalization;

using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Rules;

/// <summary>The output of <c>mlevents rules backtest</c> for <c>once</c>, limits and throttles.</summary>
public sealed class BacktestFlowTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_storm_of_events_starts_only_the_runs_that_concurrency_cooldown_and_budget_allow()
    {
        // 200 events of two monitors in 200 seconds.
        var events = Events(200, seconds: 1, n => $$"""{"dataDriftName":"fraud-{{n % 2}}","driftCoefficient":0.9,"targetDatasetId":"t"}""");

        var (code, output, error) = await CliRun.StartAsync("rules", "backtest", Sample.Rules, "--events", events, "--rule", "fraud-on-drift", "--assume-duration", "40m");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("with 'once', limits and throttles, if a run takes 40m:", output, StringComparison.Ordinal);
        var counts = Row(output, "retrainer/fraud-on-drift");
        Assert.Equal(200, counts["starts"] + counts["skipped"] + counts["coalesced"] + counts["repeats"]);
        Assert.Equal((0, 0), (counts["skipped"], counts["repeats"]));
        Assert.InRange(counts["starts"], 2, 4);
    }

    [Theory]
    [InlineData("cooldown: { for: 30m }", "starts 4 waited 0 skipped 36 coalesced 0", "skipped by cooldown 36")]
    [InlineData("budget: { runs: 3, per: 1d, whenBusy: skip }", "starts 3 waited 0 skipped 37 coalesced 0", "skipped by budget 37")]
    [InlineData("budget: { runs: 30, per: 1d }", "starts 40 waited 10 skipped 0 coalesced 0", "22h30m")]
    [InlineData("concurrency: { limit: 1, whenBusy: skip }", "starts 6 waited 0 skipped 34 coalesced 0", "skipped by concurrency 34")]
    [InlineData("concurrency: { limit: 1 }", "starts 40 waited 39 skipped 0 coalesced 0", "")]
    [InlineData("concurrency: { limit: 2 }", "starts 40 waited 38 skipped 0 coalesced 0", "")]
    [InlineData("concurrency: { limit: 1, whenBusy: coalesce }", "starts 7 waited 6 skipped 0 coalesced 33", "")]
    [InlineData("cooldown: { per: \"{{ data.x }}\", for: 1h }", "starts 0 waited 0 skipped 0 coalesced 0", "40 actions would fail: the key of a limit cannot be rendered")]
    public async Task Each_limit_is_simulated_with_the_times_of_the_events(string limit, string expected, string detail)
    {
        // 40 events in 117 minutes; a run takes 20 minutes.
        var output = await RunAsync(Retraining(limit), Events(40, seconds: 180), "--assume-duration", "20m");

        var counts = Row(output, "retrainer/r");
        Assert.Equal(expected, $"starts {counts["starts"]} waited {counts["waited"]} skipped {counts["skipped"]} coalesced {counts["coalesced"]}");
        Assert.Contains(detail, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redelivered_events_and_later_events_with_the_same_deduplication_key_count_as_repeats()
    {
        var twice = Events(10, seconds: 60, n => $$"""{"runId":"run-{{n % 4}}"}""");
        var repeated = (await File.ReadAllLinesAsync(twice, TestContext.Current.CancellationToken)).Take(3);
        await File.AppendAllTextAsync(twice, "\n" + string.Join('\n', repeated), TestContext.Current.CancellationToken);

        var byRun = Row(await RunAsync(Retraining("once: run"), twice), "retrainer/r");
        var byEvent = Row(await RunAsync(Retraining("cooldown: { for: 1m }"), twice), "retrainer/r");

        Assert.Equal((4, 9), (byRun["starts"], byRun["repeats"]));
        Assert.Equal((10, 3), (byEvent["starts"], byEvent["repeats"]));
    }

    [Fact]
    public async Task Messages_beyond_a_throttle_are_in_the_digest_of_their_period_and_key()
    {
        _folder.Write("rules/alerts.yaml", """
            alerts:
              - name: a
                when: {}
                send: { channel: email, to: [x@example.com], throttle: { max: 2, per: 1h, key: "{{ data.k | default: '' }}" } }
            """);

        var output = await RunAsync(Path.Combine(_folder.Path, "rules"), Events(60, seconds: 120, n => $$"""{"k":"{{n % 2}}"}"""));

        // Two messages for each of the two keys, in each of the two hours: 8.
        var counts = Row(output, "notifier/a");
        Assert.Equal((8, 52), (counts["starts"], counts["digest"]));
    }

    [Fact]
    public async Task A_throttle_counts_separately_for_each_recipient_that_the_events_name()
    {
        _folder.Write("rules/alerts.yaml", """
            alerts:
              - name: a
                when: {}
                send: { channel: email, to: ["{{ data.owner }}"], throttle: { max: 2, per: 1h } }
            """);

        var output = await RunAsync(Path.Combine(_folder.Path, "rules"), Events(60, seconds: 120, n => $$"""{"owner":"owner-{{n % 2}}@example.com"}"""));

        // Two messages for each of the two owners, in each of the two hours: 8.
        var counts = Row(output, "notifier/a");
        Assert.Equal((8, 52), (counts["starts"], counts["digest"]));
    }

    [Fact]
    public async Task Rules_without_limits_are_not_listed()
    {
        var output = await RunAsync(Sample.Alert(_folder, "{}"), Events(2, seconds: 1));

        Assert.DoesNotContain("with 'once'", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "2 ", "--include-disabled")]
    [InlineData(0, "0 ")]
    public async Task Disabled_rules_count_only_when_they_are_included(int expected, string fires, params string[] more)
    {
        _folder.Write("rules/alerts.yaml", "alerts:\n  - name: a\n    enabled: false\n    when: {}\n    send: { channel: archive, forward: true }\n");

        var (code, output, _) = await CliRun.StartAsync(["rules", "backtest", Path.Combine(_folder.Path, "rules"), "--events", Events(2, seconds: 1), .. more]);

        Assert.Equal(expected, code);
        Assert.Contains($"notifier/a{fires.Trim(),10}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_rule_can_be_evaluated_alone_and_compared_with_rules_that_do_not_contain_it()
    {
        var old = Sample.Alert(_folder, "{}", "other", "old");

        var (code, output, _) = await CliRun.StartAsync("rules", "backtest", Sample.Rules, "--events", Events(2, seconds: 1, _ => """{"driftCoefficient":0.9,"dataDriftName":"churn"}"""), "--rule", "churn-on-drift", "--against", old);

        Assert.Equal(1, code);
        Assert.DoesNotContain("notifier/", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rule", "absent", "Unknown rule 'absent'; expected one of: drift")]
    [InlineData("--assume-duration", "long", "'long' is not a time; write a whole number of minutes (m), hours (h) or days (d), such as 40m.")]
    public async Task An_invalid_value_of_an_option_is_refused(string option, string value, string expected)
    {
        var (code, _, error) = await CliRun.StartAsync("rules", "backtest", Sample.Rules, "--events", Events(1, seconds: 1), option, value);

        Assert.NotEqual(0, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_the_files_contain_no_rules_the_error_for_an_unknown_rule_says_so()
    {
        _folder.Write("rules/alerts.yaml", "alerts: []\n");

        var (code, _, error) = await CliRun.StartAsync("rules", "backtest", Path.Combine(_folder.Path, "rules"), "--events", Events(1, seconds: 1), "--rule", "absent");

        Assert.NotEqual(0, code);
        Assert.Contains("Unknown rule 'absent'; the rule files contain no rules.", error, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string rules, string events, params string[] more)
    {
        var (code, output, error) = await CliRun.StartAsync(["rules", "backtest", rules, "--events", events, .. more]);
        Assert.Equal((0, ""), (code, error));
        return output;
    }

    // The numbers in one row of the second table, by the heading of their column.
    private static Dictionary<string, long> Row(string output, string rule)
    {
        var lines = output.Split('\n').SkipWhile(line => !line.StartsWith("with 'once'", StringComparison.Ordinal)).ToList();
        var heads = lines[1].Replace("longest wait", "longest", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var values = lines.First(line => line.StartsWith(rule + " ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return heads.Zip(values).Skip(1).Where(pair => pair.First != "longest").ToDictionary(pair => pair.First, pair => long.Parse(pair.Second, CultureInfo.InvariantCulture));
    }

    private string Retraining(string key)
    {
        _folder.Write("rules/job.yaml", "jobType: Pipeline\n");
        _folder.Write("rules/retraining.yaml", $"retraining:\n  - name: r\n    when: {{}}\n    run: {{ pipelineJob: job.yaml }}\n    {key}\n");
        return Path.Combine(_folder.Path, "rules");
    }

    private string Events(int count, int seconds, Func<int, string>? data = null) => _folder.Write($"events-{count}-{seconds}.ndjson", string.Join('\n', Enumerable.Range(0, count).Select(n => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"e-{{n}}","topic":"{{Sample.Workspace}}","eventType":"Microsoft.MachineLearningServices.DatasetDriftDetected","subject":"s","eventTime":"{{Start.AddSeconds(n * seconds):O}}","dataVersion":"1","data":{{data?.Invoke(n) ?? "{}"}}}"""))));
}
