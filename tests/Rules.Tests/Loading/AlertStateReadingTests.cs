using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>The key <c>state</c> of alert rules.</summary>
public sealed class AlertStateReadingTests
{
    private const string Complete = """{ key: "{{ data.runId }}", open: { subjectBeginsWith: bad }, resolve: { subjectBeginsWith: good }, remind: 4h }""";

    private static readonly string[] Subjects = ["bad", "good"];

    [Fact]
    public void A_rule_with_a_state_needs_no_condition_and_acts_on_opening_and_resolving_events()
    {
        var rule = Load(Complete);

        Assert.Equal([true, true, false], Subjects.Append("other").Select(subject => rule.Matches(About(subject))));
        Assert.Equal([new StatePlan("r1", true, TimeSpan.FromHours(4)), new StatePlan("r1", false, TimeSpan.FromHours(4))], Subjects.Select(subject => AlertPlans.Create(rule, About(subject), []).Plan?.State));
    }

    [Fact]
    public void A_condition_beside_the_state_must_hold_too() => Assert.False(Load(Complete, "    when: { includedEventTypes: [RunStatusChanged] }\n").Matches(About("bad")));

    [Fact]
    public void An_event_without_a_value_for_state_key_gives_an_alert_without_a_state()
    {
        var plan = AlertPlans.Create(Load(Complete.Replace("runId", "none", StringComparison.Ordinal)), About("bad"), []).Plan;

        Assert.Null(plan?.State);
        Assert.StartsWith("state.key: ", plan?.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ open: {}, resolve: {} }", "(3,12): 'key' is missing")]
    [InlineData("{ key: k, resolve: {} }", "(3,12): 'open' is missing")]
    [InlineData("{ key: k, open: {}, resolve: {}, remind: soon }", "'remind' is 'soon', but must be a duration from 1m to 30d: a whole number of minutes (m), hours (h) or days (d), such as 90m")]
    [InlineData("{ key: k, open: {}, resolved: {} }", "unknown key 'resolved'; did you mean 'resolve'?")]
    public void The_error_about_a_wrong_state_describes_the_fault(string state, string expected) =>
        Assert.Contains(expected, Assert.Throws<RuleFileException>(() => Load(state)).Message, StringComparison.Ordinal);

    private static WorkflowEvent About(string subject) => TestData.Event("""{ "runId": "r1" }""", EventTypes.RunCompleted, subject);

    private static AlertRule Load(string state, string when = "")
    {
        using var folder = new TempFolder();
        return RuleLoader.LoadAlerts(folder.Write("alerts.yaml", $"alerts:\n  - name: r\n    state: {state}\n{when}    send: {{ channel: email, to: ml@example.com }}\n")).Rules[0];
    }
}
