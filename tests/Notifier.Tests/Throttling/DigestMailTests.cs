using MimeKit;

using MLEvents.Notifier.Email;
using MLEvents.Notifier.Throttling;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests.Throttling;

public sealed class DigestMailTests
{
    private static readonly Uri Page = new("https://ml.azure.com/runs/r1?wsid=/a&b=c");
    private static readonly DateTimeOffset Happened = new(2026, 11, 1, 18, 20, 0, TimeSpan.Zero);
    private static readonly ThrottlePeriod Period = ThrottlePeriod.At(Happened, TimeSpan.FromHours(1));

    [Fact]
    public void The_digest_states_the_number_type_and_period_and_lists_the_events_in_text_and_HTML()
    {
        var mail = Digest([Entry("models/churn:1"), Entry("models/churn:2")]);

        Assert.Equal("2 more: RunCompleted, ml-local (2026-11-01 18:00–19:00 UTC)", mail.Subject);
        Assert.StartsWith("In this period the rule 'tell' sent 5 mails, which is its limit; this digest lists up to 100 of the other events.\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains("2026-11-01 18:20:00Z  RunCompleted  models/churn:2\n    https://ml.azure.com/runs/r1?wsid=/a&b=c\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains("<td>2026-11-01 18:20:00Z</td><td>RunCompleted</td><td><a href=\"https://ml.azure.com/runs/r1?wsid=/a&amp;b=c\">models/churn:2</a></td>", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("not listed", mail.Text + mail.Html, StringComparison.Ordinal);
        Assert.Equal(["ann@example.org", "bob@example.org", "eve@example.org"], [.. mail.To, .. mail.Cc, .. mail.Bcc]);
    }

    [Fact]
    public void If_some_events_are_not_listed_they_are_counted_and_the_subject_names_the_rule_instead_of_a_type()
    {
        var mail = Digest([Entry("a")], more: 1234);

        Assert.Equal("1235 more: tell, ml-local (2026-11-01 18:00–19:00 UTC)", mail.Subject);
        Assert.Contains("\nand 1,234 more that are not listed.", mail.Text, StringComparison.Ordinal);
        Assert.Contains("<p>and 1,234 more that are not listed.</p>", mail.Html, StringComparison.Ordinal);
        Assert.Contains("\nand 1 more that is not listed.", Digest([Entry("a")], more: 1).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_subject_names_the_rule_if_the_events_have_several_types() =>
        Assert.StartsWith("2 more: tell (", Digest([Entry("a"), Entry("b") with { Type = "Contoso.Thing" }], key: "").Subject, StringComparison.Ordinal);

    [Fact]
    public void Values_of_an_event_are_encoded_in_HTML_and_add_no_line()
    {
        var mail = Digest([Entry("<script>\"x\"</script>\r\nBcc: eve@example.org\u2028") with { Type = "T<b>\n&" }], key: "k\r\nBcc: eve@example.org");

        Assert.DoesNotContain("<script>", mail.Html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;&quot;x&quot;&lt;/script&gt;  Bcc: eve@example.org", mail.Html, StringComparison.Ordinal);
        Assert.Contains("<td>T&lt;b&gt; &amp;</td>", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(mail.Text.Split('\n'), line => line.StartsWith("Bcc", StringComparison.Ordinal));
        var message = MailComposer.Compose(mail, Alerts.Record(mail), MailboxAddress.Parse("alerts@example.org"));
        Assert.Equal(["eve@example.org"], message.Bcc.Mailboxes.Select(mailbox => mailbox.Address));
        Assert.DoesNotContain('\n', message.Subject ?? "");
    }

    [Fact]
    public void Texts_of_an_event_are_cut_so_that_the_stored_entry_stays_small()
    {
        var text = new string('x', 298) + "\U0001F600\U0001F600";
        var record = Alerts.Record(Alerts.Mail) with { Event = SampleEvents.Create(new string('t', 400) + ".x", subject: text).Envelope };

        var entry = DigestText.Entry(record, Alerts.Mail with { Studio = new Uri("https://ml.azure.com/?" + new string('q', 2000)) });

        Assert.Equal(new string('x', 298) + "…", entry.Subject);
        Assert.Equal(300, entry.Type.Length);
        Assert.Equal("https://ml.azure.com/", entry.Studio.AbsoluteUri);
    }

    [Fact]
    public void An_event_without_time_or_subject_is_listed_anyway()
    {
        var mail = Digest([Entry("") with { Time = null }]);

        Assert.Contains("time not given  RunCompleted  \n", mail.Text, StringComparison.Ordinal);
        Assert.Contains(">open</a>", mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Digests_of_one_rule_and_key_form_a_thread() =>
        Assert.Equal(
            (true, false),
            (Digest([Entry("a")]).Thread == Digest([Entry("b")]).Thread, Digest([Entry("a")]).Thread == Digest([Entry("a")], key: "other").Thread));

    private static DigestEntry Entry(string subject) => new("0123456789abcdef0123", Happened, "RunCompleted", subject, Page);

    private static MailPlan Digest(IReadOnlyList<DigestEntry> listed, int more = 0, string key = "ml-local") => DigestMail.Compose(
        new DigestPlan
        {
            Studio = Page,
            To = ["ann@example.org"],
            Cc = ["bob@example.org"],
            Bcc = ["eve@example.org"],
            From = Period.Start,
            Throttle = new(5, Period.Length, key),
        },
        "tell",
        Period,
        new ClosedPeriod(listed, more, IsKnown: true));
}
