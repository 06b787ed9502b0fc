using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>The messages of alert rules.</summary>
public sealed class AlertMessageTests
{
    [Fact]
    public void A_mail_without_texts_has_the_default_texts()
    {
        var message = Message("{ channel: email, to: [a@example.com, Ann <b@example.com>], cc: c@example.com, bcc: [d@example.com] }");
        var model = TemplateModel.For(TestData.Event("""{"runId":"r"}"""));

        Assert.Equal("RunCompleted in ml-local: experiments/e/runs/r", message.Subject?.Render(model));
        Assert.Equal(
            $"""
            RunCompleted: experiments/e/runs/r
            Workspace: ml-local
            Time: 2026-03-04T05:06:07Z

            https://ml.azure.com/runs/r?wsid={TestData.ShortWorkspace}
            """,
            message.Text?.Render(model));
        Assert.Null(message.Html);
        Assert.Equal((2, 1, 1), (message.To.Fixed.Count, message.Cc.Fixed.Count, message.Bcc.Fixed.Count));
    }

    [Fact]
    public void The_default_texts_render_for_an_event_of_another_source()
    {
        var message = Message("{ channel: email, to: a@example.com }");
        var model = TemplateModel.For(TestData.Event(subject: "") with { Source = "/contoso", Type = "Contoso.Thing", Time = null });

        Assert.Equal("Contoso.Thing in /contoso:", message.Subject?.Render(model));
        Assert.Contains("Time: not given", message.Text?.Render(model), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_break_in_a_subject_cannot_add_a_header()
    {
        var message = Message("{ channel: email, to: a@example.com, subject: '{{ data.name }}' }");

        var subject = message.Subject?.Render(TemplateModel.For(TestData.Event("""{"name":"x\r\nBcc: eve@example.com {{ id }}"}""", EventTypes.ModelRegistered)));

        Assert.Equal("x Bcc: eve@example.com {{ id }}", subject);
    }

    [Fact]
    public void A_binding_gets_its_operation_metadata_and_body()
    {
        var message = Message("""{ channel: teams, operation: post, metadata: { path: "/{{ id }}" }, body: '{"text":"{{ subject }}"}' }""");
        var model = TemplateModel.For(TestData.Event(subject: "a\"b"));

        Assert.Equal(("post", "/event-1"), (message.Operation, message.Metadata["path"].Render(model)));
        Assert.Equal("""{"text":"a\"b"}""", message.Body?.Render(model));
        Assert.Null(message.Text);
        Assert.False(message.IsEmail || message.Forward);
    }

    [Theory]
    [InlineData("1m", 1)]
    [InlineData("90m", 90)]
    [InlineData("1h", 60)]
    [InlineData("7d", 10_080)]
    public void A_limit_has_a_number_a_period_and_a_key(string per, int minutes)
    {
        var throttle = Message($"{{ channel: email, to: a@example.com, throttle: {{ max: 100, per: {per}, key: '{{{{ workspace.name }}}}' }} }}").Throttle;

        Assert.Equal((100, TimeSpan.FromMinutes(minutes)), (throttle?.Max, throttle?.Per));
        Assert.Equal("ml-local", throttle?.Key?.Render(TemplateModel.For(TestData.Event())));
    }

    [Fact]
    public void Without_a_key_all_mails_of_a_rule_are_counted_together()
    {
        var rule = Rule("{ channel: email, to: a@example.com, throttle: { max: 1, per: 1d } }");

        Assert.Equal(new ThrottlePlan(1, TimeSpan.FromDays(1), ""), Assert.IsType<MailPlan>(AlertPlans.Create(rule, TestData.Event(), []).Plan).Throttle);
    }

    [Fact]
    public void An_event_without_a_value_for_the_key_is_counted_under_an_empty_key()
    {
        var rule = Rule("{ channel: email, to: a@example.com, throttle: { max: 1, per: 1d, key: '{{ data.none }}' } }");

        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(rule, TestData.Event(), []).Plan);

        Assert.Equal("", mail.Throttle?.CountedBy);
        Assert.StartsWith("throttle.key: 'data.none' has no value", mail.Problem, StringComparison.Ordinal);
    }

    private static AlertMessage Message(string send) => Rule(send).Send;

    private static AlertRule Rule(string send)
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", $"alerts:\n  - name: rule\n    when: {{}}\n    send: {send}\n");
        return RuleLoader.LoadAlerts(file).Rules.Single();
    }
}
