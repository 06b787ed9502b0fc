using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Plans;

/// <summary>Recipients from the data of an event.</summary>
public sealed class RecipientsFromDataTests
{
    [Theory]
    [InlineData("""{"modelTags":{"owner":"ann@example.org"}}""", "ann@example.org")]
    [InlineData("""{"modelTags":{"owner":"Ann <ann@example.org>; bob@example.org"}}""", "\"Ann\" <ann@example.org>|bob@example.org")]
    [InlineData("""{}""", "ml-team@example.com")]
    public void An_event_names_its_recipients_or_the_default_is_used(string data, string expected)
    {
        var mail = Mail("to: [\"{{ data.modelTags.owner | default: 'ml-team@example.com' }}\"]", data);

        Assert.Equal(expected.Split('|'), mail.To);
        Assert.Equal(mail.To, mail.FromData);
        Assert.Null(mail.Problem);
    }

    [Fact]
    public void A_template_can_give_several_recipients_and_fixed_recipients_come_first()
    {
        var mail = Mail("""
            to: [ops@example.org, "{% for one in data.watchers %}{{ one }}\n{% endfor %}"], cc: "{{ data.watchers | join: ', ' }}"
            """, """{"watchers":["a@example.org","b@example.org"]}""");

        Assert.Equal(["ops@example.org", "a@example.org", "b@example.org"], mail.To);
        Assert.Equal(["a@example.org", "b@example.org"], mail.Cc);
    }

    [Theory]
    [InlineData("""{"owner":"nobody"}""", "to: '{{ data.owner }}' did not render to e-mail addresses")]
    [InlineData("""{"owner":"a@example.org\u0007"}""", "to: '{{ data.owner }}' did not render to e-mail addresses")]
    [InlineData("{}", "to: 'data.owner' has no value")]
    public void The_other_recipients_get_the_mail_if_an_event_names_no_valid_recipient(string data, string problem)
    {
        var mail = Mail("""to: [ops@example.org, "{{ data.owner }}"], text: own""", data);

        Assert.Equal(["ops@example.org"], mail.To);
        Assert.StartsWith(problem, mail.Problem, StringComparison.Ordinal);
        Assert.Equal("own", mail.Text);
    }

    [Fact]
    public void A_mail_without_any_recipient_goes_to_the_fallback_recipients_or_is_a_fault()
    {
        const string Send = "to: \"{{ data.owner | default: '' }}\"";
        var fault = AlertPlans.Create(Rule(Send), TestData.Event(), []).Fault;
        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(Rule(Send), TestData.Event(), [], fallback: ["ops@example.org"]).Plan);

        Assert.Equal(
            "the mail has no recipient: the templates of the recipients render to an empty text. Add a recipient that does not depend on the event, a 'default' filter, or Mail:FallbackTo", fault);
        Assert.Equal(["ops@example.org"], mail.To);
    }

    [Fact]
    public void The_number_of_recipients_that_an_event_names_is_limited()
    {
        var mail = Mail("""to: "{{ data.all }}" """, $$"""{"all":"{{string.Join(',', Enumerable.Range(0, 60).Select(number => $"a{number}@example.org"))}}"}""");

        Assert.Equal(50, mail.To.Count);
        Assert.Equal("to: the event names 60 recipients; the first 50 are used", mail.Problem);
    }

    [Fact]
    public void A_limit_counts_events_for_different_recipients_separately()
    {
        Assert.Equal(KeyOf("a@example.org"), KeyOf("a@example.org"));
        Assert.NotEqual(KeyOf("a@example.org"), KeyOf("b@example.org"));

        static string? KeyOf(string owner) => Mail("""to: "{{ data.owner }}", throttle: { max: 1, per: 1h }""", $$"""{"owner":"{{owner}}"}""").Throttle?.CountedBy;
    }

    private static MailPlan Mail(string send, string data) => Assert.IsType<MailPlan>(AlertPlans.Create(Rule(send), TestData.Event(data, EventTypes.ModelRegistered), []).Plan);

    private static AlertRule Rule(string send)
    {
        using var folder = new TempFolder();
        return RuleLoader.LoadAlerts(folder.Write("alerts.yaml", $"alerts:\n  - name: r\n    when: {{ }}\n    send: {{ channel: email, {send.Trim()} }}\n")).Rules.Single();
    }
}
