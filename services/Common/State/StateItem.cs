using System.Text.Json;

namespace MLEvents.State;

/// <summary>A stored value as it was read.</summary>
/// <param name="Value">The value.</param>
/// <param name="ETag">The version of the value in the store.</param>
public sealed record StateItem(JsonElement Value, string ETag);

/// <summary>A conditional write of one key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Json">The value in UTF-8.</param>
/// <param name="ETag">The version that the write replaces; null if the key must not exist yet.</param>
/// <param name="TimeToLive">How long the store keeps the value.</param>
public sealed record StateWrite(string Key, ReadOnlyMemory<byte> Json, string? ETag, TimeToLive TimeToLive);

/// <summary>The result of a conditional write.</summary>
/// <param name="IsWritten">Whether the key holds the value of the write.</param>
/// <param name="Existing">The value that another writer stored; null if the write succeeded or the key no longer exists.</param>
public sealed record StateWriteResult(bool IsWritten, StateItem? Existing)
{
    /// <summary>The key holds the value of the write.</summary>
    public static StateWriteResult Written { get; } = new(true, null);
}
