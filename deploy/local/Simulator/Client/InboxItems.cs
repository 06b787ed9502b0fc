namespace MLEvents.Local.Simulator.Client;

/// <summary>A mail in the simulator's inbox.</summary>
/// <param name="From">The sender of the envelope.</param>
/// <param name="To">The recipients of the envelope.</param>
/// <param name="Subject">The decoded subject; null if there is none.</param>
/// <param name="Headers">All headers.</param>
/// <param name="Text">The plain-text part; null if there is none.</param>
/// <param name="Html">The HTML part; null if there is none.</param>
public sealed record InboxMail(string From, IReadOnlyList<string> To, string? Subject, IReadOnlyDictionary<string, string> Headers, string? Text, string? Html)
{
    /// <summary>The correlation id of the chain that the mail belongs to; null if there is none.</summary>
    public string? Correlation => Headers.GetValueOrDefault("X-MLEvents-Correlation");
}

/// <summary>A webhook call in the simulator's inbox.</summary>
/// <param name="Name">The name of the webhook.</param>
/// <param name="Body">The body as text.</param>
public sealed record WebhookCall(string Name, string Body);

/// <summary>The answer of <c>GET /inbox</c>.</summary>
/// <param name="Mails">The mails, oldest first.</param>
/// <param name="Hooks">The webhook calls, oldest first.</param>
internal sealed record Inbox(IReadOnlyList<InboxMail> Mails, IReadOnlyList<WebhookCall> Hooks);
