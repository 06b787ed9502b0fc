using MLEvents.Rules.Plans;

namespace MLEvents.Rules.Tests.Plans;

/// <summary>What an alert rule says because of an event.</summary>
public sealed class AlertPlansTests
{
    [Theory]
    [InlineData("channel: email, to: [a@example.com], subject: '{{ data.x }}'", "subject: ")]
    [InlineData("channel: email, to: [a@example.com], text: '{{ data.x }}'", "text: ")]
    [InlineData("channel: email, to: [a@example.com], text: t, html: '{{ data.x }}'", "html: ")]
    [InlineData("channel: email, to: [a@example.com], thread: '{{ data.x }}'", "thread: ")]
    [InlineData("channel: email, to: [a@example.com], throttle: { max: 1, per: 1h, key: '{{ data.x }}' }", "throttle.key: ")]
    [InlineData("channel: hook, body: '[\"{{ data.x }}\"]'", "body: ")]
    [InlineData("channel: hook, forward: true, metadata: { path: '{{ data.x }}' }", "metadata 'path': ")]
    public void A_fault_names_the_part_of_the_rule(string send, string part)
    {
        var planned = AlertPlans.Create(Rule(send), TestData.Event(), []);

        Assert.Null(planned.Plan);
        Assert.StartsWith($"{part}'data.x' has no value", planned.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mail_has_what_its_rule_leaves_out_from_the_event()
    {
        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(Rule("channel: email, to: [a@example.com]"), TestData.Event(), []).Plan);

        Assert.Equal(("RunCompleted in ml-local: experiments/e/runs/r", null, null, null), (mail.Subject, mail.Html, mail.Thread, mail.Throttle));
        Assert.StartsWith("RunCompleted: experiments/e/runs/r\nWorkspace: ml-local\n", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_is_forwarded_as_it_is_and_a_body_is_rendered()
    {
        var workflowEvent = TestData.Event("""{"n":1.50}""");

        var forwarded = Assert.IsType<BindingPlan>(AlertPlans.Create(Rule("channel: hook, forward: true"), workflowEvent, []).Plan);
        var rendered = Assert.IsType<BindingPlan>(AlertPlans.Create(Rule("channel: hook, body: '[\"{{ eventType }}\"]'"), workflowEvent, []).Plan);

        Assert.Equal(("hook", "create", workflowEvent.Envelope.GetRawText()), (forwarded.Binding, forwarded.Operation, forwarded.Data));
        Assert.Equal("""["RunCompleted"]""", rendered.Data);
    }

    private static AlertRule Rule(string send)
    {
        using var folder = new TemporaryFolder();
        return RuleLoader.LoadAlerts(folder.Write("alerts.yaml", $"alerts:\n  - name: r\n    when: {{ }}\n    send: {{ {send} }}\n")).Rules.Single();
    }
}
