using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;

using MailKit.Net.Smtp;
using MailKit.Security;

using MLEvents.Ledger;

namespace MLEvents.Notifier.Email;

/// <summary>Separates temporary failures of a mail server from permanent ones.</summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1"/>
internal static partial class MailFailure
{
    /// <summary>Whether sending mail is known to throw the exception.</summary>
    public static bool IsKnown(Exception exception) =>
        exception is SmtpCommandException or SmtpProtocolException or AuthenticationException or SslHandshakeException
            or NotSupportedException or IOException or SocketException or TimeoutException;

    /// <summary>The result of a failure: 5xx answers, refused credentials and missing features are permanent; everything else is retried.</summary>
    public static StepResult ToResult(Exception exception) => exception switch
    {
        SmtpCommandException refusal => ToResult(refusal.StatusCode, Answer(refusal.StatusCode, refusal.Message)),
        AuthenticationException { InnerException: SmtpCommandException refusal } => ToResult(refusal.StatusCode, $"authentication failed: {Answer(refusal.StatusCode, refusal.Message)}"),
        AuthenticationException => new Failed { Detail = $"authentication failed: {WithoutAddresses(exception.Message)}" },
        NotSupportedException => new Failed { Detail = WithoutAddresses(exception.Message) },
        _ => new Retry { Detail = WithoutAddresses(exception.Message) },
    };

    /// <summary>A server's answer without the addresses that it may repeat.</summary>
    public static string Answer(SmtpStatusCode status, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)status} {WithoutAddresses(text)}");

    private static StepResult ToResult(SmtpStatusCode status, string answer) =>
        (int)status >= 500 ? new Failed { Detail = answer } : new Retry { Detail = answer };

    private static string WithoutAddresses(string text) => AddressPattern().Replace(text, "(address)");

    [GeneratedRegex("""<?[^\s<>"'(),;:]+@[^\s<>"'(),;:]+>?""")]
    private static partial Regex AddressPattern();
}
