using System.ComponentModel.DataAnnotations;
using System.Net;

using Microsoft.Extensions.Options;

using MimeKit;

using MLEvents.Events;

namespace MLEvents.Notifier.Email;

/// <summary>The protection of the connection to the mail server.</summary>
public enum MailSecurity
{
    /// <summary>TLS from the start on port 465. On other ports, STARTTLS if the server offers it.</summary>
    Auto,

    /// <summary>No TLS: for a relay on this machine or in this pod.</summary>
    None,

    /// <summary>STARTTLS is required. Usual on port 587.</summary>
    StartTls,

    /// <summary>TLS from the start. Usual on port 465.</summary>
    SslOnConnect,
}

/// <summary>Settings of e-mail, from the <c>Mail</c> section.</summary>
public sealed class MailOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Mail";

    /// <summary>The mail server's name or address. Default <c>localhost</c>.</summary>
    [Required]
    public string Host { get; set; } = "localhost";

    /// <summary>The mail server's TCP port, 1 to 65535. Default 25.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 25;

    /// <summary>The sender address of alerts, with or without a name. Required. Its domain is also the domain of the Message-IDs.</summary>
    [Required(ErrorMessage = "Mail:From is missing; set Mail__From to the address that alerts come from, for instance 'ML alerts <ml-alerts@example.org>'.")]
    public string From { get; set; } = "";

    /// <summary>The protection of the connection. Default <see cref="MailSecurity.Auto"/>.</summary>
    [EnumDataType(typeof(MailSecurity))]
    public MailSecurity Security { get; set; }

    /// <summary>The user at the mail server. Default none: no authentication.</summary>
    public string? UserName { get; set; }

    /// <summary>The user's password, from a secret store or the environment (<c>Mail__Password</c>), never from a file in Git. Required with a user name unless <see cref="OAuth"/> is set.</summary>
    public string? Password { get; set; }

    /// <summary>The application that authenticates with tokens instead of a password. Default none.</summary>
    [ValidateObjectMembers]
    public MailOAuthOptions OAuth { get; } = new();

    /// <summary>
    /// Recipients of an alert whose mail has no recipient, or whose <c>body</c>, <c>metadata</c> or <c>conversation</c> for a binding cannot be rendered for the event.
    /// Default none: such an action fails.
    /// </summary>
    public IList<string> FallbackTo { get; } = [];

    /// <summary>Longest time to send one mail, 1 s to 1 min. Default 10 s.</summary>
    [TimeRange("00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many mails are sent at the same time, each in a separate session, 1 to 32. Default 8. More mails wait for a session.</summary>
    [Range(1, 32)]
    public int Sessions { get; set; } = 8;

    /// <summary>How many sessions stay open for the next mail, 0 to 32. Default 8. With 0, each mail has a separate connection.</summary>
    [Range(0, 32)]
    public int IdleSessions { get; set; } = 8;

    /// <summary>How long an unused session stays open, 1 s to 5 min. Default 30 s.</summary>
    [TimeRange("00:00:01", "00:05:00")]
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many mails a session sends before it is replaced, 1 to 10,000. Default 100, because some servers close a session after 100 mails.</summary>
    [Range(1, 10_000)]
    public int MailsPerSession { get; set; } = 100;

    internal IReadOnlyList<string> Fallback => [.. FallbackTo];

    internal bool IsLocal => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));
}

/// <summary>An application that gets tokens for the mailbox <c>Mail:UserName</c> with its own secret (OAuth 2.0 client credentials), from the section <c>Mail:OAuth</c>.</summary>
public sealed class MailOAuthOptions
{
    /// <summary>The token endpoint, for instance <c>https://login.microsoftonline.com/TENANT/oauth2/v2.0/token</c>; https, or http on this machine. Default none: user and password.</summary>
    public Uri? TokenEndpoint { get; set; }

    /// <summary>The application's id. Required with a token endpoint.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The application's secret, from a secret store or the environment. Required with a token endpoint.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The scope of the tokens. Default: the scope of Exchange Online.</summary>
    [Required]
    public string Scope { get; set; } = "https://outlook.office365.com/.default";

    internal IEnumerable<string> FindErrors(string? userName)
    {
        if (TokenEndpoint is null)
        {
            yield break;
        }

        if (!SecureAddress.IsSecure(TokenEndpoint))
        {
            yield return $"Mail:OAuth:TokenEndpoint is '{TokenEndpoint}'; it must be an https address, or http on this machine.";
        }

        if (ClientId.Length == 0 || ClientSecret.Length == 0 || string.IsNullOrEmpty(userName))
        {
            yield return "Mail:OAuth needs ClientId, ClientSecret and the mailbox in Mail:UserName.";
        }
    }
}

[OptionsValidator]
internal sealed partial class MailOptionsAnnotations : IValidateOptions<MailOptions>;

/// <summary>Checks the annotations and the rules that span several settings.</summary>
internal sealed class MailOptionsValidator : IValidateOptions<MailOptions>
{
    private readonly MailOptionsAnnotations _annotations = new();

    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        var failures = new List<string>(_annotations.Validate(name, options).Failures ?? []);
        if (options.From.Length > 0 && !(MailboxAddress.TryParse(options.From, out var from) && from.Domain.Length > 0))
        {
            failures.Add("Mail:From is not an e-mail address; write it as 'alerts@example.org' or 'ML alerts <alerts@example.org>'.");
        }

        failures.AddRange(options.FallbackTo.Where(recipient => !(MailboxAddress.TryParse(recipient, out var mailbox) && mailbox.Domain.Length > 0))
            .Select(recipient => $"Mail:FallbackTo has '{recipient}', which is not an e-mail address; write it as 'ml-team@example.org'."));
        failures.AddRange(options.OAuth.FindErrors(options.UserName));
        if (options.OAuth.TokenEndpoint is not null)
        {
            if (!string.IsNullOrEmpty(options.Password))
            {
                failures.Add("Mail:Password and Mail:OAuth are both set; remove one of them.");
            }
        }
        else if (string.IsNullOrEmpty(options.UserName) != string.IsNullOrEmpty(options.Password))
        {
            failures.Add("Mail:UserName and Mail:Password belong together; set both, or neither for a server without authentication.");
        }

        if (!string.IsNullOrEmpty(options.UserName) && options.Security is MailSecurity.None or MailSecurity.Auto && !options.IsLocal)
        {
            failures.Add("Mail:Security must be StartTls or SslOnConnect when Mail:UserName is set, else the password may travel unencrypted.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
