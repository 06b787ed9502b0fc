using System.Text;

using MimeKit;

using MLEvents.Notifier.Email;

namespace MLEvents.Notifier.Tests.Email;

public sealed class MailComposerTests
{
    private static readonly MailboxAddress From = MailboxAddress.Parse("ML alerts <alerts@example.org>");

    [Fact]
    public void The_message_id_is_derived_from_the_action_and_the_senders_domain()
    {
        var record = Alerts.Record(Alerts.Mail);

        var mail = MailComposer.Compose(Alerts.Mail, record, From);

        Assert.Equal($"{record.Id}@example.org", mail.MessageId);
        Assert.Equal(record.Id, mail.Headers["X-MLEvents-Action"]);
    }

    [Fact]
    public void Composing_twice_gives_the_same_identity_and_date()
    {
        var record = Alerts.Record(Alerts.Mail);

        var (first, second) = (MailComposer.Compose(Alerts.Mail, record, From), MailComposer.Compose(Alerts.Mail, record, From));

        Assert.Equal((first.MessageId, first.Date), (second.MessageId, second.Date));
        Assert.Equal(record.CreatedAt, first.Date);
    }

    [Fact]
    public void A_mail_resent_by_an_operator_has_a_new_message_id()
    {
        var record = Alerts.Record(Alerts.Mail);

        var (first, again) = (MailComposer.Compose(Alerts.Mail, record, From), MailComposer.Compose(Alerts.Mail, record with { Generation = 1 }, From));

        Assert.NotEqual(first.MessageId, again.MessageId);
        Assert.Equal(first.InReplyTo, again.InReplyTo);
    }

    [Fact]
    public void Mails_of_one_chain_refer_to_the_same_root_and_mails_of_another_chain_to_another_root()
    {
        var first = MailComposer.Compose(Alerts.Mail, Alerts.Record(Alerts.Mail, "chain-1"), From);
        var second = MailComposer.Compose(Alerts.Mail, Alerts.Record(Alerts.Mail, "chain-1"), From);
        var other = MailComposer.Compose(Alerts.Mail, Alerts.Record(Alerts.Mail, "chain <2>\r\n"), From);

        Assert.Equal(first.InReplyTo, second.InReplyTo);
        Assert.Equal(first.InReplyTo, Assert.Single(first.References));
        Assert.NotEqual(first.InReplyTo, other.InReplyTo);
        Assert.NotEqual(first.MessageId, first.InReplyTo);
    }

    [Fact]
    public void Mails_of_one_thread_refer_to_the_same_root_across_chains()
    {
        var failed = MailComposer.Compose(Alerts.Mail with { Thread = "churn" }, Alerts.Record(Alerts.Mail, "chain-1"), From);
        var recovered = MailComposer.Compose(Alerts.Mail with { Thread = "churn" }, Alerts.Record(Alerts.Mail, "chain-2"), From);
        var other = MailComposer.Compose(Alerts.Mail with { Thread = "sales" }, Alerts.Record(Alerts.Mail, "chain-1"), From);

        Assert.Equal(failed.InReplyTo, recovered.InReplyTo);
        Assert.NotEqual(failed.InReplyTo, other.InReplyTo);
    }

    [Fact]
    public void Text_and_HTML_are_alternatives_and_HTML_is_last()
    {
        var plan = Alerts.Mail with { Html = "<p>drifted</p>" };

        var body = Assert.IsType<MultipartAlternative>(MailComposer.Compose(plan, Alerts.Record(plan), From).Body);

        Assert.Equal(["text/plain", "text/html"], body.Select(part => part.ContentType.MimeType));
    }

    [Fact]
    public void Without_HTML_the_mail_is_plain_text()
    {
        var body = MailComposer.Compose(Alerts.Mail, Alerts.Record(Alerts.Mail), From).Body;

        Assert.Equal("text/plain", Assert.IsType<TextPart>(body).ContentType.MimeType);
    }

    [Fact]
    public void A_domain_outside_ASCII_is_encoded_in_the_message_id()
    {
        var record = Alerts.Record(Alerts.Mail);

        var mail = MailComposer.Compose(Alerts.Mail, record, MailboxAddress.Parse("alerts@bücher.example"));

        Assert.Equal($"{record.Id}@xn--bcher-kva.example", mail.MessageId);
    }

    [Fact]
    public void The_mail_is_marked_as_generated_automatically()
    {
        var mail = MailComposer.Compose(Alerts.Mail, Alerts.Record(Alerts.Mail), From);

        Assert.Equal("auto-generated", mail.Headers[HeaderId.AutoSubmitted]);
    }

    [Theory]
    [InlineData("Müller, Hans", "=?utf-8?b?TcO8bGxlciwgSGFucw==?= <ann@example.org>")]
    [InlineData("Ops (Köln), Nacht", "=?utf-8?b?T3BzIChLw7ZsbiksIE5hY2h0?= <ann@example.org>")]
    [InlineData("Plain, Name", "\"Plain, Name\" <ann@example.org>")]
    public void A_display_name_in_ASCII_is_quoted_and_any_other_display_name_is_encoded_as_a_whole(string name, string header)
    {
        var plan = Alerts.Mail with { To = [$"\"{name}\" <ann@example.org>"] };

        var message = MailComposer.Compose(plan, Alerts.Record(plan), From);

        Assert.Equal(header, Encoding.ASCII.GetString(message.Headers.First(found => found.Id == HeaderId.To).RawValue).Trim());
    }
}
