using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;

using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

using MLEvents.Ledger;

namespace MLEvents.Notifier.Email;

/// <summary>Separates temporary failures of a mail server from permanent ones.</summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1"/>
internal static partial class MailFailure
{
    /// <summary>Whether the exception is a known failure of sending mail.</summary>
    public static bool IsKnown(Exception exception) =>
        exception is SmtpCommandException or SmtpProtocolException or AuthenticationException or SslHandshakeException or ServiceNotAuthenticatedException
            or NotSupportedException or IOException or SocketException or TimeoutException;

    /// <summary>Whether the exception means that the server closed the connection, or is about to close it (421).</summary>
    public static bool IsClosedSession(Exception exception) =>
        exception is SmtpCommandException { StatusCode: SmtpStatusCode.ServiceNotAvailable } or SmtpProtocolException or ServiceNotConnectedException or IOException or SocketException;

    /// <summary>The key of the credential in the results of actions. There is only one key, because all mails use the same credential.</summary>
    public const string CredentialKey = "mail";

    private const string Credential = "the credential of the mail server (Mail:UserName with Mail:Password or Mail:OAuth)";

    // RFC 4954: 530 authentication required, 534 mechanism too weak, 535 credentials invalid, 538 encryption required. Exchange answers 550 5.7.60 if the mailbox lacks the permission to send as Mail:From.
    private static readonly int[] CredentialAnswers = [530, 534, 535, 538];

    /// <summary>The result of a failure. A refused credential makes the action wait, 5xx answers and missing features are permanent, and everything else is retried.</summary>
    public static StepResult ToResult(Exception exception) => exception switch
    {
        SmtpCommandException refusal => ToResult(refusal.StatusCode, Answer(refusal.StatusCode, refusal.Message)),
        AuthenticationException { InnerException: SmtpCommandException refusal } when (int)refusal.StatusCode < 500 => new Retry { Detail = $"authentication failed: {Answer(refusal.StatusCode, refusal.Message)}" },
        AuthenticationException { InnerException: SmtpCommandException refusal } => new CredentialRefused(CredentialKey, Credential) { Detail = $"authentication failed: {Answer(refusal.StatusCode, refusal.Message)}" },
        AuthenticationException => new CredentialRefused(CredentialKey, Credential) { Detail = $"authentication failed: {WithoutAddresses(exception.Message)}" },
        ServiceNotAuthenticatedException => new CredentialRefused(CredentialKey, Credential) { Detail = $"530 {WithoutAddresses(exception.Message)}" },
        NotSupportedException => new Failed { Detail = WithoutAddresses(exception.Message) },
        _ => new Retry { Detail = WithoutAddresses(exception.Message) },
    };

    /// <summary>A server's answer without the addresses that it may repeat.</summary>
    public static string Answer(SmtpStatusCode status, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)status} {WithoutAddresses(text)}");

    private static StepResult ToResult(SmtpStatusCode status, string answer) =>
        CredentialAnswers.Contains((int)status) || answer.StartsWith("550 5.7.60", StringComparison.Ordinal) ? new CredentialRefused(CredentialKey, Credential) { Detail = answer }
        : (int)status >= 500 ? new Failed { Detail = answer } : new Retry { Detail = answer };

    private static string WithoutAddresses(string text) => AddressPattern().Replace(text, "(address)");

    [GeneratedRegex("""<?[^\s<>"'(),;:]+@[^\s<>"'(),;:]+>?""")]
    private static partial Regex AddressPattern();
}
