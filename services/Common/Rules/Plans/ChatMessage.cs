namespace MLEvents.Rules.Plans;

/// <summary>A chat message, independent of the message format of a chat service.</summary>
/// <param name="Title">The title, one line.</param>
/// <param name="Text">The text; empty for none.</param>
/// <param name="Facts">The facts about the event: names and values.</param>
/// <param name="Links">Related pages, by name.</param>
public sealed record ChatMessage(string Title, string Text, IReadOnlyDictionary<string, string> Facts, IReadOnlyDictionary<string, Uri> Links);
