using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>The error texts for wrong rule files.</summary>
public sealed class RuleErrorTests
{
    [Theory]
    [InlineData("sendd: {}\n    send: { channel: x, forward: true }\n    when: {}", "(3,5): unknown key 'sendd'; did you mean 'send'?")]
    [InlineData("when: {}", "(2,5): 'send' is missing")]
    [InlineData("send: { channel: x, forward: true }", "(2,5): 'when' is missing")]
    [InlineData("when:\n    send: { channel: x, forward: true }", "(2,5): 'when' is missing")]
    [InlineData("when: all\n    send: { channel: x, forward: true }", "(3,11): a condition must be a mapping with the keys of a filter, or 'any', 'all' and 'not'")]
    [InlineData("enabled: maybe\n    when: {}\n    send: { channel: x, forward: true }", "(3,14): 'enabled' must be true or false, not 'maybe'")]
    [InlineData("when: {}\n    send: email", "(4,11): 'send' must be a mapping of keys to values")]
    [InlineData("when: {}\n    send: { channel: [a], forward: true }", "(4,22): 'channel' must be a string")]
    [InlineData("when: {}\n    send: { channel: 'a b', forward: true }", "(4,22): 'channel' must be 'email' or the name of a Dapr output binding, not 'a b'")]
    [InlineData("when: {}\n    send: { channel: '', forward: true }", "(4,22): 'channel' is empty")]
    [InlineData("when: {}\n    send: { channel: email }", "(4,11): 'to' is missing")]
    [InlineData("when: {}\n    send: { channel: email, to: [] }", "(4,33): 'to' must have at least one address")]
    [InlineData("when: {}\n    send: { channel: email, to: [a@b, nobody] }", "(4,39): 'nobody' is not an e-mail address; write 'name@example.com' or 'Name <name@example.com>'")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, forward: true }", "(4,47): 'forward' is not valid for the channel 'email'; only bindings use it")]
    [InlineData("when: {}\n    send: { channel: teams, forward: true, to: a@b }", "(4,48): 'to' is not valid for the channel 'teams'; only e-mail uses it")]
    [InlineData("when: {}\n    send: { channel: teams }", "(4,11): a binding needs exactly one of 'format', 'body', 'bodyFile' and 'forward: true'")]
    [InlineData("when: {}\n    send: { channel: teams, forward: true, body: '{}' }", "(4,11): a binding needs exactly one of 'format', 'body', 'bodyFile' and 'forward: true'")]
    [InlineData("when: {}\n    send: { channel: teams, body: '{}', bodyFile: x }", "(4,51): 'body' and 'bodyFile' cannot both be set; remove one")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, textFile: ../x }", "(4,48): '../x' is outside the rules folder")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, textFile: /etc/hostname }", "(4,48): '/etc/hostname' is outside the rules folder")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, textFile: no.liquid }", "(4,48): 'no.liquid' cannot be read: the file does not exist")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, subject: \"{{ sub }}\" }", "(4,48): unknown variable 'sub'")]
    [InlineData("when: {}\n    send:\n      channel: email\n      to: a@b\n      text: |\n        hello\n        {{ foo }}", "(9,1): unknown variable 'foo'")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: 5 }", "(4,48): 'throttle' must be a mapping of keys to values")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 5 } }", "(4,48): 'per' is missing")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { per: 1h } }", "(4,48): 'max' is missing")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 0, per: 1h } }", "(4,55): 'max' must be a whole number from 1 to 100, not '0'")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 101, per: 1h } }", "(4,55): 'max' must be a whole number from 1 to 100, not '101'")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: many, per: 1h } }", "(4,55): 'max' must be a whole number from 1 to 100, not 'many'")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 5, per: 0m } }", "(4,63): 'per' is '0m', but must be a duration from 1m to 7d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 5, per: 169h } }", "(4,63): 'per' is '169h', but must be a duration from 1m to 7d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 5, per: 30s } }", "(4,63): 'per' is '30s', but must be a duration from 1m to 7d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 5, per: 1.5h } }", "(4,63): 'per' is '1.5h', but must be a duration from 1m to 7d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 5, per: 60 } }", "(4,63): 'per' is '60', but must be a duration from 1m to 7d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 5, per: 1h, keys: x } }", "(4,67): unknown key 'keys'; did you mean 'key'?")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throttle: { max: 5, per: 1h, key: '{{ workspce }}' } }", "(4,73): unknown variable 'workspce'; did you mean 'workspace'?")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, throtle: { max: 5, per: 1h } }", "(4,38): unknown key 'throtle'; did you mean 'throttle'?")]
    [InlineData("when: {}\n    send: { channel: teams, forward: true, throttle: { max: 5, per: 1h } }", "(4,54): 'throttle' cannot be combined with 'forward: true'; it would leave events out")]
    [InlineData("when: {}\n    send: { channel: teams, format: team }", "(4,37): 'format' must be one of teams, slack, not 'team'; did you mean 'teams'?")]
    [InlineData("when: {}\n    send: { channel: teams, format: teams, body: '{}' }", "(4,11): a binding needs exactly one of 'format', 'body', 'bodyFile' and 'forward: true'")]
    [InlineData("when: {}\n    send: { channel: teams, body: '{}', subject: x }", "(4,50): 'subject' is not valid for the channel 'teams'; only e-mail and bindings with a 'format' use it")]
    [InlineData("when: {}\n    send: { channel: teams, format: teams, thread: x }", "(4,52): 'thread' is not valid for the channel 'teams'; a message to a webhook cannot be part of a thread; for threads in Slack, set 'conversation' and use a binding to chat.postMessage")]
    [InlineData("when: {}\n    send: { channel: teams, format: teams, conversation: C1 }", "(4,58): 'conversation' is not valid for the channel 'teams'; only 'format: slack' uses it")]
    [InlineData("when: {}\n    send: { channel: email, to: [a@example.com], conversation: C1 }", "(4,64): 'conversation' is not valid for the channel 'email'; only bindings use it")]
    [InlineData("when: {}\n    send: { channel: email, to: a@b, format: slack }", "(4,46): 'format' is not valid for the channel 'email'; only bindings use it")]
    public void The_error_about_a_wrong_alert_has_its_place(string keys, string expected) =>
        Assert.Equal([expected], Errors($"alerts:\n  - name: rule\n    {keys}\n"));

    [Theory]
    [InlineData("includedEventTypes: [DatasetDriftDetectd]", "(3,34): unknown event type 'DatasetDriftDetectd'; did you mean 'DatasetDriftDetected'?")]
    [InlineData("includedEventTypes: [Microsoft.MachineLearningServices.RunComplete]", "(3,34): unknown event type 'Microsoft.MachineLearningServices.RunComplete'; did you mean 'Microsoft.MachineLearningServices.RunCompleted'?")]
    [InlineData("includedEventTypes: []", "(3,33): 'includedEventTypes' is empty; remove it to match every type")]
    [InlineData("subjectBeginWith: x", "(3,13): unknown key 'subjectBeginWith'; did you mean 'subjectBeginsWith'?")]
    [InlineData("any: []", "(3,18): 'any' must be a list of at least one condition")]
    [InlineData("all: {}", "(3,18): 'all' must be a list of at least one condition")]
    [InlineData("not: x", "(3,18): a condition must be a mapping with the keys of a filter, or 'any', 'all' and 'not'")]
    [InlineData("any: [{ not: { subject: x } }]", "(3,28): unknown key 'subject'")]
    [InlineData("advancedFilters: x", "(3,30): 'advancedFilters' must be a list")]
    [InlineData("advancedFilters: [x]", "(3,31): an advanced filter must be a mapping with 'operatorType', 'key', and 'value' or 'values'")]
    [InlineData("advancedFilters: [{ operatorType: StringsIn, key: id, values: [x] }]", "(3,47): unknown operatorType 'StringsIn'; did you mean 'StringIn'?")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, values: [x] }]", "(3,31): 'key' is missing")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: modelName, values: [x] }]", "(3,62): unknown event key 'modelName'; did you mean 'data.modelName'?")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: data..x, values: [x] }]", "(3,62): the key 'data..x' has an empty level")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: id }]", "(3,31): StringIn needs 'values'")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: id, values: [] }]", "(3,74): 'values' must be a list of at least one value")]
    [InlineData("advancedFilters: [{ operatorType: StringIn, key: id, values: [null] }]", "(3,75): a value of StringIn must be a string")]
    [InlineData("advancedFilters: [{ operatorType: NumberIn, key: id, values: x }]", "(3,74): 'values' must be a list of at least one value")]
    [InlineData("advancedFilters: [{ operatorType: NumberLessThan, key: id, value: x }]", "(3,79): a value of NumberLessThan must be a number")]
    [InlineData("advancedFilters: [{ operatorType: NumberLessThan, key: id, value: 1, values: [1] }]", "(3,90): NumberLessThan takes 'value', not 'values'")]
    [InlineData("advancedFilters: [{ operatorType: NumberInRange, key: id, values: [[1]] }]", "(3,80): a range must be a pair of numbers: [low, high]")]
    [InlineData("advancedFilters: [{ operatorType: NumberInRange, key: id, values: [[2, 1]] }]", "(3,80): the range is empty: its first number is greater than its second")]
    [InlineData("advancedFilters: [{ operatorType: NumberInRange, key: id, values: [[x, 1]] }]", "(3,81): a value of NumberInRange must be a number")]
    [InlineData("advancedFilters: [{ operatorType: IsNotNull, key: id, value: x }]", "(3,74): IsNotNull takes no value")]
    [InlineData("advancedFilters: [{ operatorType: IsNotNull, key: id, values: [x] }]", "(3,75): IsNotNull takes no value")]
    [InlineData("advancedFilters: [{ operatorType: BoolEquals, key: id, value: 'true' }]", "(3,75): 'value' must be true or false")]
    public void The_error_about_a_wrong_condition_has_its_place(string when, string expected) =>
        Assert.Equal([expected], Errors($"alerts:\n  - name: rule\n    when: {{ {when} }}\n    send: {{ channel: x, forward: true }}\n"));

    [Theory]
    [InlineData("", "(1,1): 'alerts' is missing")]
    [InlineData("# nothing\n", "(1,1): 'alerts' is missing")]
    [InlineData("- x", "(1,1): the file must begin with 'alerts:' and a list of rules")]
    [InlineData("alerts: x", "(1,9): 'alerts' must be a list of rules")]
    [InlineData("alerts: [x]", "(1,10): a rule must be a mapping with a name, a condition and an action")]
    [InlineData("alerts: []\nalert: []", "(2,1): unknown key 'alert'; did you mean 'alerts'?")]
    [InlineData("alerts: []\nalerts: []", "(2,1): duplicate key 'alerts'")]
    [InlineData("alerts: [&a x, *a]", "(1,10): anchors and aliases are not supported")]
    [InlineData("alerts: [*a]", "(1,10): anchors and aliases are not supported")]
    [InlineData("alerts: !!set {}", "(1,9): tags are not supported")]
    [InlineData("alerts: []\n---\nalerts: []", "(2,1): the file must contain a single YAML document")]
    [InlineData("alerts: !!a]", "(1,7): Global tags must be valid URIs.")]
    [InlineData("? [a]\n: x", "(1,3): mapping keys must be strings; put a value that begins with a template in quotes: \"{{ … }}\"")]
    public void The_error_about_a_wrong_file_has_its_place(string text, string expected) =>
        Assert.Equal([expected], Errors(text));

    [Fact]
    public void A_syntax_error_is_reported_with_its_place() =>
        Assert.StartsWith("(3,", Assert.Single(Errors("alerts:\n  - name: x\n   when: {\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("text: |")]
    [InlineData("text: >-  # folded")]
    public void A_tab_in_the_text_of_a_block_scalar_is_not_reported_as_the_cause_of_an_error(string start)
    {
        var error = Assert.Single(Errors($"alerts:\n  - name: x\n    send:\n      {start}\n        a\n\n        \tb\n   when: {{\n"));

        Assert.StartsWith("(8,", error, StringComparison.Ordinal);
        Assert.DoesNotContain("tab", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tab_in_the_indentation_after_a_block_scalar_is_reported() => Assert.Equal(
        ["(7,1): YAML does not allow a tab in the indentation; use spaces"],
        Errors("alerts:\n  - name: x\n    send:\n      text: |\n        a\n        \tb\n\twhen: {}\n"));

    [Fact]
    public void All_errors_are_reported_together_in_the_order_of_the_file()
    {
        var errors = Errors("alerts:\n  - name: 'a b'\n    when: {}\n    send: { channel: email }\n  - when: 5\n");

        Assert.Equal(
            [
                "(2,11): a rule's name must begin with a letter or digit and have 1 to 64 letters, digits, '-', '_' and '.', not 'a b'",
                "(4,11): 'to' is missing",
                "(5,5): 'name' is missing",
                "(5,5): 'send' is missing",
                "(5,11): a condition must be a mapping with the keys of a filter, or 'any', 'all' and 'not'",
            ],
            errors);
    }

    [Fact]
    public void A_rule_name_is_unique_regardless_of_its_case()
    {
        const string Rule = "    when: {}\n    send: { channel: x, forward: true }\n";

        Assert.Equal(["(5,5): duplicate rule name 'RULE'; it is first used on line 2"], Errors($"alerts:\n  - name: rule\n{Rule}  - name: RULE\n{Rule}"));
    }

    [Theory]
    [InlineData(26, 1, "(3,30): Event Grid accepts at most 25 advanced filters; found 26|(3,30): Event Grid accepts at most 25 values over all advanced filters; found 26")]
    [InlineData(2, 13, "(3,30): Event Grid accepts at most 25 values over all advanced filters; found 26")]
    [InlineData(5, 5, "")]
    public void A_condition_beyond_the_limits_of_event_grid_is_refused(int filters, int values, string expected)
    {
        var filter = $"{{ operatorType: NumberIn, key: data.x, values: [{string.Join(", ", Enumerable.Repeat("1", values))}] }}";

        var errors = Errors($"alerts:\n  - name: rule\n    when: {{ advancedFilters: [{string.Join(", ", Enumerable.Repeat(filter, filters))}] }}\n    send: {{ channel: x, forward: true }}\n");

        Assert.Equal(expected, string.Join('|', errors));
    }

    [Theory]
    [InlineData(512, 0)]
    [InlineData(513, 1)]
    public void A_value_is_at_most_512_characters_long(int length, int errors)
    {
        var filter = $"{{ operatorType: StringIn, key: data.x, values: [{new string('x', length)}] }}";

        Assert.Equal(errors, Errors($"alerts:\n  - name: rule\n    when: {{ advancedFilters: [{filter}] }}\n    send: {{ channel: x, forward: true }}\n").Count);
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        Assert.Equal(["(1,40): the file is nested more than 32 levels deep"], Errors("alerts: " + new string('[', 10_000)));

    [Fact]
    public void Too_many_values_are_refused() =>
        Assert.EndsWith("the file has more than 50000 values", Assert.Single(Errors("alerts: [" + string.Concat(Enumerable.Repeat("a,", 60_000)) + "]")), StringComparison.Ordinal);

    [Fact]
    public void A_large_file_is_refused() =>
        Assert.Equal(["(0,0): the file is larger than 256 KiB"], Errors(new string('#', 300 * 1024)));

    [Fact]
    public void The_error_names_a_missing_file()
    {
        var error = Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts("/nowhere/alerts.yaml"));

        Assert.Equal("/nowhere/alerts.yaml(0,0): the file does not exist", error.Message);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", [0xFF, 0xFE, 0xC0]);

        var error = Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file));

        Assert.Equal("the byte 0xFF is not valid UTF-8; save the file as UTF-8", Assert.Single(error.Errors).Message);
    }

    [Fact]
    public void The_error_about_a_wrong_template_file_has_the_path_of_the_template_file()
    {
        using var folder = new TempFolder();
        folder.Write("alerts.yaml", "alerts:\n  - name: rule\n    when: {}\n    send: { channel: email, to: a@b, textFile: t/x.liquid }\n");
        var template = folder.Write("t/x.liquid", "one\ntwo {{ foo }}");

        var error = Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(Path.Combine(folder.Path, "alerts.yaml")));

        Assert.Equal($"{template}(2,5): unknown variable 'foo'", error.Message);
    }

    [Theory]
    [InlineData("StringNotBeginsWith", "values: [x]", "(3,31): StringNotBeginsWith excludes events without 'data.dataDriftName'; to include them, use StringBeginsWith inside 'not'")]
    [InlineData("NumberNotInRange", "values: [[1, 2]]", "(3,31): NumberNotInRange excludes events without 'data.dataDriftName'; to include them, use NumberInRange inside 'not'")]
    [InlineData("StringNotIn", "values: [x]", null)]
    [InlineData("StringBeginsWith", "values: [x]", null)]
    public void A_condition_that_excludes_events_without_the_key_causes_a_warning(string operation, string operand, string? expected)
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", $"alerts:\n  - name: rule\n    when: {{ advancedFilters: [{{ operatorType: {operation}, key: data.dataDriftName, {operand} }}] }}\n    send: {{ channel: x, forward: true }}\n");

        var warning = RuleLoader.LoadAlerts(file).Warnings.SingleOrDefault();

        Assert.Equal(expected, warning?.ToString()[file.Length..]);
    }

    [Fact]
    public void The_sample_rules_give_no_warnings()
    {
        Assert.Empty(RuleLoader.LoadAlerts(Files.Rules("alerts.yaml")).Warnings);
        Assert.Empty(RuleLoader.LoadRetraining(Files.Rules("retraining.yaml")).Warnings);
    }

    [Fact]
    public void A_link_to_a_file_outside_the_rules_folder_is_refused()
    {
        using var outside = new TempFolder();
        using var folder = new TempFolder();
        File.CreateSymbolicLink(Path.Combine(folder.Path, "x.liquid"), outside.Write("x.liquid", "secret"));
        var file = folder.Write("alerts.yaml", "alerts:\n  - name: rule\n    when: {}\n    send: { channel: email, to: a@b, textFile: x.liquid }\n");

        var error = Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file));

        Assert.Equal("'x.liquid' is outside the rules folder", Assert.Single(error.Errors).Message);
    }

    private static List<string> Errors(string text)
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", text);
        try
        {
            RuleLoader.LoadAlerts(file);
            return [];
        }
        catch (RuleFileException exception)
        {
            return [.. exception.Errors.Select(error => error.ToString()[file.Length..])];
        }
    }
}
