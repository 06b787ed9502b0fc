using System.Text.Json;

namespace MLEvents.Ledger;

/// <summary>An event about an action. The broker has not accepted the event yet.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Event">The CloudEvents envelope.</param>
public sealed record UnpublishedEvent(string Topic, JsonElement Event);
