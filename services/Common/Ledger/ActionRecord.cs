using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>What was done for which event: one record per (service, rule, event), kept in a Dapr state store.</summary>
public sealed record ActionRecord
{
    /// <summary>The newest form of a record that this service knows.</summary>
    internal const int NewestVersion = RetriedVersion;

    private const int IdLength = 20;
    private const int FirstVersion = 1;
    private const int RetriedVersion = 2;

    /// <summary>
    /// The form of the record, so that a newer service reads what an older one wrote: 1, or 2 once it was retried by hand or came by a forced replay. Each record has the lowest
    /// that says all it holds, so that replicas of the version before go on with it during an upgrade.
    /// </summary>
    public int Version { get; init; } = FirstVersion;

    /// <summary>The record's id: 20 characters of 0-9 and a-f. Remote names are derived from it; see <see cref="IdOf"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The service that acts.</summary>
    public required string Service { get; init; }

    /// <summary>The rule that asked for the action.</summary>
    public required string Rule { get; init; }

    /// <summary>The version of the rule file that was in force when the action was accepted.</summary>
    public string RuleVersion { get; init; } = "";

    /// <summary>Where the action stands.</summary>
    public ActionStatus Status { get; init; } = ActionStatus.Accepted;

    /// <summary>Where in its work a running action is; names are the service's own. Empty before the first step.</summary>
    public string Stage { get; init; } = "";

    /// <summary>The current attempt, counted from 1 over the whole life of the action.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>How many attempts in a row have failed; 0 again when a step gets on.</summary>
    public int Failures { get; init; }

    /// <summary>
    /// Whether a holder died, or lost its lease, while it worked on the present stage: the stage's step may have been taken without having been
    /// recorded. False again at the next stage.
    /// </summary>
    public bool Interrupted { get; init; }

    /// <summary>How often it was retried by hand. Within a generation everything is made once.</summary>
    public int Generation { get; init; }

    /// <summary>Whether the last retry is to do again what earlier generations have done.</summary>
    public bool IsForced { get; init; }

    /// <summary>The token of the forced replay that it was last begun by; null if by none. See <see cref="ForcedReplay"/>.</summary>
    public string? ForcedBy { get; init; }

    /// <summary>When it was retried by hand last; null if it never was.</summary>
    public DateTimeOffset? RetriedAt { get; init; }

    /// <summary>The chain that the action belongs to.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>A copy of the event's CloudEvents envelope.</summary>
    public required JsonElement Event { get; init; }

    /// <summary>What is to be done, settled when the action was accepted, so that a later edit of the rules does not change it halfway.</summary>
    public JsonElement Plan { get; init; }

    /// <summary>Why the rule could not be worked out for the event; the action then fails, whoever takes it. Null if it could.</summary>
    public string? Fault { get; init; }

    /// <summary>What the steps so far have found out, for the steps to come.</summary>
    public IReadOnlyDictionary<string, string> State { get; init; } = new Dictionary<string, string>();

    /// <summary>The result, the reason or the error, for people.</summary>
    public string? Detail { get; init; }

    /// <summary>Where to look further.</summary>
    public IReadOnlyDictionary<string, Uri> Links { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Who works on it now: a token of one claim. Null when nobody does.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>Until when that claim holds.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>When the reconciler is to look at it next.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last written.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether the action has come to its end.</summary>
    [JsonIgnore]
    public bool IsFinished => Status is ActionStatus.Succeeded or ActionStatus.Failed or ActionStatus.Skipped;

    /// <summary>When its work began: what is given up after a time is given that time anew by a retry.</summary>
    [JsonIgnore]
    public DateTimeOffset BegunAt => RetriedAt ?? CreatedAt;

    /// <summary>What names of remote things are derived from: the id, and after a retry by hand the generation too, because a name that failed can't be used again.</summary>
    [JsonIgnore]
    public string RemoteId => RemoteIdOf(Generation);

    /// <summary>
    /// The <see cref="RemoteId"/> of earlier generations, the last first: what they made, and what has not failed, a retry goes on with. None if it is forced.
    /// </summary>
    [JsonIgnore]
    public IEnumerable<string> EarlierRemoteIds => IsForced ? [] : Enumerable.Range(0, Generation).Reverse().Select(RemoteIdOf);

    /// <summary>Whether its rule could be worked out for its event.</summary>
    [JsonIgnore]
    internal bool HasPlan => Fault is null && Plan.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>Whether a newer version of the service wrote it, so that this one can neither read nor write it.</summary>
    [JsonIgnore]
    internal bool IsNewer => Version > NewestVersion;

    /// <summary>The status as activity and metrics spell it: in lower case.</summary>
    internal string StatusName => Status switch
    {
        ActionStatus.Accepted => "accepted",
        ActionStatus.Running => "running",
        ActionStatus.Succeeded => "succeeded",
        ActionStatus.Failed => "failed",
        _ => "skipped",
    };

    /// <summary>The event that caused the action.</summary>
    /// <exception cref="InvalidOperationException">The stored copy is no CloudEvents envelope.</exception>
    public WorkflowEvent ReadEvent() =>
        WorkflowEvent.TryRead(Event, out var workflowEvent, out var error)
            ? workflowEvent
            : throw new InvalidOperationException($"Record {Id} holds no readable event: {error}.");

    /// <summary>The tags of what the action makes, by which its events, and people, find the action again.</summary>
    public IReadOnlyDictionary<string, string> ToTags() => new Dictionary<string, string>
    {
        [Correlation.Tag] = CorrelationId,
        [Correlation.ActionTag] = Id,
        [Correlation.RuleTag] = Rule,
    };

    /// <summary>The id of the action of a service and rule for an event; the same whenever and wherever it is computed.</summary>
    /// <param name="service">The service.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="deduplicationKey">What stands in for the event's id when several events of a source are one deduplication key; null for none.</param>
    public static string IdOf(string service, string rule, WorkflowEvent workflowEvent, string? deduplicationKey = null)
    {
        // ARM ids ignore case, so the same workspace must give the same id. An event and a deduplication key of the same text differ by a part.
        var source = ArmId.Normalize(workflowEvent.Source);
        return deduplicationKey is null ? Hash(service, rule, source, workflowEvent.Id) : Hash(service, rule, source, "", deduplicationKey);
    }

    /// <summary>The id of a <see cref="FollowUp"/>: it has no source, which every event has.</summary>
    internal static string IdOfFollowUp(string service, string rule, string name) => Hash(service, rule, "", name);

    /// <summary>Whether a text has the form of a record's id.</summary>
    internal static bool IsId(string text) => text.Length == IdLength && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Until when an owner must leave the action alone, because another holds it or because it waits; null if it may be taken now.</summary>
    internal DateTimeOffset? NotBefore(string owner, DateTimeOffset now)
    {
        var free = LeaseOwner is not null && LeaseOwner != owner ? LeaseUntil : null;
        var later = DueAt is null || free > DueAt ? free : DueAt;
        return later > now ? later : null;
    }

    /// <summary>The action in a new generation, due now.</summary>
    internal ActionRecord Retried(bool force, DateTimeOffset now) => this with
    {
        Version = RetriedVersion,
        Generation = Generation + 1,
        IsForced = force,
        RetriedAt = now,
        Status = ActionStatus.Running,
        Stage = "",
        Attempt = Attempt + 1,
        Failures = 0,
        Interrupted = false,
        State = new Dictionary<string, string>(),
        Detail = force ? "an operator asked for it to be done again" : "an operator asked for another try",
        DueAt = now,
    };

    /// <summary>The action in a new generation, because its event was replayed by force: with what the rules ask for now.</summary>
    internal ActionRecord Replayed(ActionRecord asked, DateTimeOffset now) => Retried(force: true, now) with
    {
        ForcedBy = asked.ForcedBy,
        RuleVersion = asked.RuleVersion,
        Plan = asked.Plan,
        Fault = asked.Fault,
        Event = asked.Event,
        Detail = "a forced replay of its event asks for it to be done again",
    };

    /// <summary>The record of an action whose event comes by a forced replay, if it does.</summary>
    internal ActionRecord CameBy(string? forcedReplay) => forcedReplay is null ? this : this with { Version = RetriedVersion, ForcedBy = forcedReplay };

    // Each part is preceded by its length, so that no two lists of parts give the same text, whatever characters they hold.
    private static string Hash(params ReadOnlySpan<string> parts)
    {
        var key = new StringBuilder();
        foreach (var part in parts)
        {
            key.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())))[..IdLength];
    }

    private string RemoteIdOf(int generation) => generation == 0 ? Id : string.Create(CultureInfo.InvariantCulture, $"{Id}-r{generation}");
}
