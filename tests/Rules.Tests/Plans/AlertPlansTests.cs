using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Plans;

/// <summary>The message of an alert rule for an event.</summary>
public sealed class AlertPlansTests
{
    [Theory]
    [InlineData("channel: email, to: [a@example.com], subject: '{{ data.x }}'", "subject: ")]
    [InlineData("channel: email, to: [a@example.com], text: '{{ data.x }}'", "text: ")]
    [InlineData("channel: email, to: [a@example.com], text: t, html: '{{ data.x }}'", "html: ")]
    [InlineData("channel: email, to: [a@example.com], thread: '{{ data.x }}'", "thread: ")]
    [InlineData("channel: email, to: [a@example.com], throttle: { max: 1, per: 1h, key: '{{ data.x }}' }", "throttle.key: ")]
    public void A_mail_leaves_out_a_part_that_cannot_be_rendered_and_the_plan_names_the_part(string send, string part)
    {
        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(Rule(send), TestData.Event(), []).Plan);

        Assert.StartsWith($"{part}'data.x' has no value", mail.Problem, StringComparison.Ordinal);
        Assert.Equal(["a@example.com"], mail.To);
        Assert.StartsWith("RunCompleted: experiments/e/runs/r\nWorkspace: ml-local\n", mail.Text, StringComparison.Ordinal);
        Assert.Equal(("RunCompleted in ml-local: experiments/e/runs/r", null, null), (mail.Subject, mail.Html, mail.Thread));
    }

    [Theory]
    [InlineData("subject: '{{ data.x }}', text: mine")]
    [InlineData("text: '{{ data.x }}', html: <p>mine</p>")]
    [InlineData("text: mine, html: '{{ data.x }}'")]
    public void A_mail_whose_content_cannot_be_rendered_has_the_default_text_and_the_reason(string content)
    {
        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(Rule($"channel: email, to: [a@example.com], {content}"), TestData.Event(), []).Plan);

        Assert.DoesNotContain("mine", mail.Text + mail.Html, StringComparison.Ordinal);
        Assert.Contains("- " + mail.Problem, mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("channel: hook, body: '[\"{{ data.x }}\"]'", "body: ")]
    [InlineData("channel: hook, forward: true, metadata: { path: '{{ data.x }}' }", "metadata 'path': ")]
    public void A_binding_call_that_cannot_be_rendered_is_mailed_to_the_fallback_recipients_or_is_a_fault(string send, string part)
    {
        var fault = AlertPlans.Create(Rule(send), TestData.Event(), []);
        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(Rule(send), TestData.Event(), [], fallback: ["ops@example.com"]).Plan);

        Assert.Null(fault.Plan);
        Assert.StartsWith($"{part}'data.x' has no value", fault.Fault, StringComparison.Ordinal);
        Assert.Equal(["ops@example.com"], mail.To);
        Assert.StartsWith($"{part}'data.x' has no value", mail.Problem, StringComparison.Ordinal);
        Assert.Contains($"- {part}'data.x' has no value", mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"room":" "}""")]
    public void A_chat_message_with_an_empty_conversation_is_mailed_to_the_fallback_recipients_or_is_a_fault(string data)
    {
        const string problem = "conversation: '{{ data.room | default: \"\" }}' rendered to an empty text";
        var (rule, workflowEvent) = (Rule("""channel: hook, format: slack, conversation: '{{ data.room | default: "" }}'"""), TestData.Event(data));

        var fault = AlertPlans.Create(rule, workflowEvent, []);
        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(rule, workflowEvent, [], fallback: ["ops@example.com"]).Plan);

        Assert.Equal((null, problem), (fault.Plan, fault.Fault));
        Assert.Equal(problem, mail.Problem);
        Assert.Equal(["ops@example.com"], mail.To);
        Assert.Contains($"- {problem}", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_whose_source_is_not_a_workspace_is_mailed_with_the_default_text()
    {
        var workflowEvent = TestData.Event() with { Source = "/contoso" };

        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(Rule("channel: email, to: [a@example.com], text: 'in {{ workspace.name }}'"), workflowEvent, []).Plan);

        Assert.Contains("Workspace: /contoso", mail.Text, StringComparison.Ordinal);
        Assert.Contains("- text: 'workspace.name' has no value", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mail_whose_rule_has_no_texts_has_the_default_texts()
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
        using var folder = new TempFolder();
        return RuleLoader.LoadAlerts(folder.Write("alerts.yaml", $"alerts:\n  - name: r\n    when: {{ }}\n    send: {{ {send} }}\n")).Rules.Single();
    }
}
