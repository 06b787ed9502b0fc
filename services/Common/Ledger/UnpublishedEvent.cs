using System.Text.Json;

namespace MLEvents.Ledger;

/// <summary>An event of an action that the broker has not accepted yet.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Event">The CloudEvents envelope.</param>
public sealed record UnpublishedEvent(string Topic, JsonElement Event);
