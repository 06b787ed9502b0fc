using MLEvents.Notifier.Email;

namespace MLEvents.Notifier.Tests.Email;

public sealed class MailOptionsTests
{
    [Fact]
    public void Only_the_sender_is_required() => Assert.Empty(Failures(_ => { }));

    [Fact]
    public void The_error_for_a_missing_sender_names_the_setting()
    {
        var failure = Assert.Single(Failures(mail => mail.From = ""));

        Assert.Contains("Mail__From", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alerts")]
    [InlineData("@")]
    [InlineData("a@example.org, b@example.org")]
    public void A_sender_that_is_not_an_address_is_refused(string from) =>
        Assert.StartsWith("Mail:From", Assert.Single(Failures(mail => mail.From = from)), StringComparison.Ordinal);

    [Fact]
    public void A_user_name_needs_a_password_and_a_password_needs_a_user_name()
    {
        Assert.Contains("belong together", Assert.Single(Failures(mail => (mail.UserName, mail.Security) = ("robot", MailSecurity.StartTls))), StringComparison.Ordinal);
        Assert.Contains("belong together", Assert.Single(Failures(mail => mail.Password = "secret")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MailSecurity.None, "mail.example.org", 1)]
    [InlineData(MailSecurity.Auto, "mail.example.org", 1)]
    [InlineData(MailSecurity.StartTls, "mail.example.org", 0)]
    [InlineData(MailSecurity.SslOnConnect, "mail.example.org", 0)]
    [InlineData(MailSecurity.None, "127.0.0.1", 0)]
    public void A_password_does_not_leave_the_machine_unencrypted(MailSecurity security, string host, int failures) =>
        Assert.Equal(failures, Failures(mail => (mail.Host, mail.Security, mail.UserName, mail.Password) = (host, security, "robot", "secret")).Count);

    [Fact]
    public void All_errors_are_reported_together() =>
        Assert.Equal(3, Failures(mail => (mail.Port, mail.From, mail.Timeout) = (0, "", TimeSpan.FromHours(1))).Count);

    private static List<string> Failures(Action<MailOptions> change)
    {
        var mail = new MailOptions { From = "alerts@example.org" };
        change(mail);
        return [.. new MailOptionsValidator().Validate(null, mail).Failures ?? []];
    }
}
