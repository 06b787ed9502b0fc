using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Rules;

public sealed class BacktestTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_events_for_which_a_rule_fires_are_counted_over_all_files_of_a_folder()
    {
        _folder.Write("events/a.ndjson", string.Join('\n', Enumerable.Range(0, 5).Select(n => Sample.Event("RunCompleted", "{}", $"a{n}"))));
        _folder.Write("events/deep/b.json", $"[{Sample.Event("RunCompleted", "{}", "b")},\n {Sample.Event("ModelDeployed", "{}", "c")}]");
        _folder.Write("events/c.json", """{"specversion":"1.0","id":"d","source":"/s","type":"Microsoft.MachineLearningServices.RunCompleted"}""");
        _folder.Write("events/readme.md", "no events");

        var (code, output, error) = await CliRun.StartAsync("rules", "backtest", Sample.Alert(_folder, "{ includedEventTypes: [RunCompleted] }"), "--events", Path.Combine(_folder.Path, "events"));

        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"notifier/one\s+7\n", output);
        Assert.EndsWith("8 events", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_comparison_with_older_rules_shows_what_changes_and_for_which_events()
    {
        var now = Sample.Alert(_folder, "{ advancedFilters: [{ operatorType: NumberGreaterThan, key: data.n, value: 2 }] }");
        var before = Sample.Alert(_folder, "{ advancedFilters: [{ operatorType: NumberLessThan, key: data.n, value: 4 }] }", under: "old");
        var events = _folder.Write("e.ndjson", string.Join('\n', Enumerable.Range(1, 6).Select(n => Sample.Event("RunCompleted", $"{{\"n\":{n}}}", $"e{n}"))));

        var (code, output, _) = await CliRun.StartAsync("rules", "backtest", now, "--events", events, "--against", before, "--show", "1");

        Assert.Equal(1, code);
        Assert.Matches(@"notifier/one\s+4\s+3\s+\+3\s+-2\n", output);
        Assert.Contains("RunCompleted s/e1 (e1): - notifier/one\n  and 4 more", output, StringComparison.Ordinal);
        Assert.EndsWith("6 events, 5 changed", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renamed_rule_is_shown_as_removed_and_added()
    {
        var (now, before) = (Sample.Alert(_folder, "{}", "new"), Sample.Alert(_folder, "{}", "old", "old"));
        var events = _folder.Write("e.json", Sample.Event("RunCompleted", "{}"));

        var (code, output, _) = await CliRun.StartAsync("rules", "backtest", now, "--events", events, "--against", before);

        Assert.Equal(1, code);
        Assert.Contains("- notifier/old, + notifier/new", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_comparison_with_the_same_rules_shows_no_change()
    {
        var events = _folder.Write("e.json", Sample.Event("RunCompleted", "{}"));

        var (code, output, _) = await CliRun.StartAsync("rules", "backtest", Sample.Rules, "--events", events, "--against", Sample.Rules);

        Assert.Equal(0, code);
        Assert.Contains("1 event, 0 changed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_left_out_and_reported()
    {
        var events = _folder.Write("e.ndjson", $"{Sample.Event("RunCompleted", "{}")}\n{{}}\n{Sample.Event("RunCompleted", "{}")}\n");

        var (code, output, _) = await CliRun.StartAsync("rules", "backtest", Sample.Alert(_folder, "{}"), "--events", events);

        Assert.Equal(0, code);
        Assert.Contains("e.ndjson: event 2: it has neither", output, StringComparison.Ordinal);
        Assert.Contains("2 events", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent", 3, "does not exist")]
    [InlineData("empty", 3, "contains no file that ends with")]
    [InlineData("cut.ndjson", 1, "invalid JSON after event 1")]
    public async Task Missing_or_incomplete_events_are_reported(string name, int expected, string message)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "empty"));
        _folder.Write("cut.ndjson", $"{Sample.Event("RunCompleted", "{}")}\n{{\"id\":");

        var (code, _, error) = await CliRun.StartAsync("rules", "backtest", Sample.Rules, "--events", Path.Combine(_folder.Path, name));

        Assert.Equal(expected, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
