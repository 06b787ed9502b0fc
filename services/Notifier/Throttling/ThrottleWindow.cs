using System.Text.Json.Serialization;

namespace MLEvents.Notifier.Throttling;

/// <summary>The stored state of a period: which actions send a mail of their own, and the first ones that the digest lists.</summary>
internal sealed record ThrottleWindow
{
    /// <summary>How many a digest lists; further ones it counts.</summary>
    public const int Listed = 100;

    /// <summary>Whether the digest has begun: nothing is added any more.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The actions that send a mail of their own.</summary>
    public IReadOnlyList<string> Single { get; init; } = [];

    /// <summary>The first actions that the digest lists, in order of arrival.</summary>
    public IReadOnlyList<DigestEntry> Summed { get; init; } = [];

    /// <summary>Whether further ones go to the <see cref="OverflowShard"/>s.</summary>
    [JsonIgnore]
    public bool IsFull => Summed.Count >= Listed;

    public bool Sums(string action) => Summed.Any(summed => summed.Action == action);
}

/// <summary>One of the keys over which the actions beyond a full <see cref="ThrottleWindow"/> are spread, by their ids.</summary>
internal sealed record OverflowShard
{
    /// <summary>How many such keys a period has: with 100,000 actions, each holds 70 KB.</summary>
    public const int Count = 32;

    /// <summary>Whether the digest has counted them: nothing is added any more.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The number of actions that the digest counts without listing them.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>The key of an action: always the same one, so that a repetition finds it.</summary>
    public static int For(string action) => Convert.ToInt32(action[..4], 16) % Count;
}

/// <summary>What a digest says of an action.</summary>
/// <param name="Action">Its id.</param>
/// <param name="Time">When its event happened; null if the event does not say.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Subject">The event's subject.</param>
/// <param name="Studio">The page that the event is about.</param>
internal sealed record DigestEntry(string Action, DateTimeOffset? Time, string Type, string Subject, Uri Studio);

/// <summary>What a closed period holds for its digest.</summary>
/// <param name="Listed">The first actions that the digest lists.</param>
/// <param name="More">How many there are besides.</param>
/// <param name="IsKnown">Whether anything is known of the period; false if it has expired.</param>
internal sealed record ClosedPeriod(IReadOnlyList<DigestEntry> Listed, int More, bool IsKnown);
