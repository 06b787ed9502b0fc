using System.Diagnostics;

namespace MLEvents.Notifier.Email;

/// <summary>The spans of mails that are sent to the server. SMTP carries no trace context, so a trace ends here.</summary>
internal static class MailSpans
{
    private static readonly ActivitySource Source = new("MLEvents.Notifier");

    /// <summary>Starts a span. Null without a listener.</summary>
    public static Activity? Start(MailOptions options)
    {
        var span = Source.StartActivity("smtp send", ActivityKind.Client);
        span?.SetTag("server.address", options.Host);
        span?.SetTag("server.port", options.Port);
        return span;
    }
}
