namespace MLEvents.Rules.Plans;

/// <summary>A chat message, before it has the format of a chat.</summary>
/// <param name="Title">The title, one line.</param>
/// <param name="Text">The text; empty for none.</param>
/// <param name="Facts">What happened, where and in which chain: names and values.</param>
/// <param name="Links">Pages about it, by name.</param>
public sealed record ChatMessage(string Title, string Text, IReadOnlyDictionary<string, string> Facts, IReadOnlyDictionary<string, Uri> Links);
