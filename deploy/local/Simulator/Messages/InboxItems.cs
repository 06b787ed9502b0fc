namespace MLEvents.Local.Simulator.Messages;

/// <summary>A received mail.</summary>
/// <param name="Id">The number of the mail in the inbox.</param>
/// <param name="From">The envelope's sender.</param>
/// <param name="To">The envelope's recipients.</param>
/// <param name="Subject">The decoded subject.</param>
/// <param name="Headers">All headers; repeated headers are joined by line breaks.</param>
/// <param name="Text">The plain-text part, or null.</param>
/// <param name="Html">The HTML part, or null.</param>
/// <param name="ReceivedAt">The time of receipt.</param>
/// <param name="RawSize">The size of the mail in bytes.</param>
internal sealed record Mail(
    long Id, string From, IReadOnlyList<string> To, string? Subject, IReadOnlyDictionary<string, string> Headers, string? Text, string? Html, DateTimeOffset ReceivedAt, int RawSize);

/// <summary>A received webhook call.</summary>
/// <param name="Id">The number of the call in the inbox.</param>
/// <param name="Name">The hook's name.</param>
/// <param name="Headers">The request's headers.</param>
/// <param name="Body">The body as text.</param>
/// <param name="ReceivedAt">The time of receipt.</param>
internal sealed record WebhookCall(long Id, string Name, IReadOnlyDictionary<string, string> Headers, string Body, DateTimeOffset ReceivedAt);
