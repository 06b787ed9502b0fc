using System.Text.Json.Serialization;

namespace MLEvents.Notifier.Throttling;

/// <summary>The stored state of a period: the actions that send a separate message, and the actions that the digest lists.</summary>
/// <remarks>The generated JSON code sets a member to null if the stored JSON does not contain it. A member with another default therefore replaces null by its default.</remarks>
internal sealed record ThrottleWindow
{
    /// <summary>The number of actions that a digest lists. The digest only counts further actions.</summary>
    public const int Listed = 100;

    /// <summary>Whether the digest has begun. Nothing is added after that.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The actions that send a separate message.</summary>
    public IReadOnlyList<string> Single { get; init => field = value ?? []; } = [];

    /// <summary>The actions that the digest lists, in order of arrival.</summary>
    public IReadOnlyList<DigestEntry> Summed { get; init => field = value ?? []; } = [];

    /// <summary>Whether further actions go to the <see cref="OverflowShard"/>s.</summary>
    [JsonIgnore]
    public bool IsFull => Summed.Count >= Listed;

    /// <summary>Whether the digest lists an action.</summary>
    public bool Lists(string action) => Summed.Any(entry => entry.Action == action);
}

/// <summary>One of the documents that contain the actions for which a full <see cref="ThrottleWindow"/> has no room. The id of an action determines its shard.</summary>
/// <remarks>The generated JSON code sets a member to null if the stored JSON does not contain it. A member with another default therefore replaces null by its default.</remarks>
internal sealed record OverflowShard
{
    /// <summary>The number of shards of a period. With 100,000 actions, each shard has a size of 70 KB.</summary>
    public const int Count = 32;

    /// <summary>Whether the digest has counted the actions. Nothing is added after that.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The actions that the digest counts without listing them.</summary>
    public IReadOnlyList<string> Actions { get; init => field = value ?? []; } = [];

    /// <summary>The number of the shard that counts an action. It is always the same, so that a repeated step finds the entry of the action.</summary>
    public static int For(string action) => Convert.ToInt32(action[..4], 16) % Count;
}

/// <summary>The line of a digest for an action.</summary>
/// <param name="Action">The id of the action.</param>
/// <param name="Time">When its event happened; null if unknown.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Subject">The event's subject.</param>
/// <param name="Studio">The page that the event is about.</param>
internal sealed record DigestEntry(string Action, DateTimeOffset? Time, string Type, string Subject, Uri Studio);

/// <summary>The content of a closed period, for its digest.</summary>
/// <param name="Listed">The actions that the digest lists.</param>
/// <param name="More">The number of further actions.</param>
/// <param name="IsKnown">Whether the period is stored; false if it has expired.</param>
internal sealed record ClosedPeriod(IReadOnlyList<DigestEntry> Listed, int More, bool IsKnown);
