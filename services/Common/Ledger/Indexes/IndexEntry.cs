using System.Text.Json.Serialization;

namespace MLEvents.Ledger.Indexes;

/// <summary>The entry of an action in an index.</summary>
/// <param name="DueAt">When the reconciler takes the next step; in the index of failed actions, when the action failed.</param>
/// <param name="Rule">The rule of the action, so that the reconciler can share its capacity between rules without reading each record.</param>
internal sealed record IndexEntry(DateTimeOffset DueAt, string Rule)
{
    /// <summary>The later due time that <see cref="DueAt"/> replaced; null if none. The lease holder may be writing a record with this time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? PlannedAt { get; init; }
}
