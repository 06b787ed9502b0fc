using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.State;

namespace MLEvents.Ledger;

/// <summary>The record of an action: one for each service, rule and event (or deduplication key), stored in a Dapr state store.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
public sealed record ActionRecord
{
    /// <summary>The newest version of records that this service can read.</summary>
    internal const int NewestVersion = UnpublishedVersion;

    /// <summary>How many tokens of earlier forced replays a record keeps. If the broker redelivers the message of a replay, it does so soon after the replay, so the last tokens are enough.</summary>
    internal const int MaxForcedBefore = 19;

    private const int FirstVersion = 1;
    private const int RetriedVersion = 2;
    private const int GuardedVersion = 3;
    private const int UnpublishedVersion = 4;

    /// <summary>
    /// The version of the record's format: 1 by default, 2 after a retry by an operator or a forced replay, 3 with an approval or a dry run, 4 with unpublished events.
    /// A service that does not know the version would ignore these parts, so it does not execute the action.
    /// Each record has the lowest version that can express its content, so that replicas of the previous version continue it during an upgrade.
    /// </summary>
    public int Version { get; init => field = value == 0 ? FirstVersion : value; } = FirstVersion;

    /// <summary>The id of the action: 20 characters of 0-9 and a-f. Remote names are derived from it; see <see cref="IdOf"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The service that executes the action.</summary>
    public required string Service { get; init; }

    /// <summary>The rule that requested the action.</summary>
    public required string Rule { get; init; }

    /// <summary>The version of the rule file that was in force when the action was accepted.</summary>
    public string RuleVersion { get; init => field = value ?? ""; } = "";

    /// <summary>The status of the action.</summary>
    public ActionStatus Status { get; init; } = ActionStatus.Accepted;

    /// <summary>The stage that a running action has reached; each service defines its own names. Empty before the first step.</summary>
    public string Stage { get; init => field = value ?? ""; } = "";

    /// <summary>The current attempt, counted from 1 over the lifetime of the action.</summary>
    public int Attempt { get; init => field = value == 0 ? 1 : value; } = 1;

    /// <summary>The number of consecutive failed attempts; a successful step resets it to 0.</summary>
    public int Failures { get; init; }

    /// <summary>
    /// Whether the process of a lease holder ended, or the holder lost its lease, while it worked on the current stage. The step may have been taken although its result is not recorded.
    /// The next stage resets the value.
    /// </summary>
    public bool Interrupted { get; init; }

    /// <summary>The number of retries by operators and forced replays. Within a generation each remote object is created once.</summary>
    public int Generation { get; init; }

    /// <summary>Whether the current generation repeats work that earlier generations completed.</summary>
    public bool IsForced { get; init; }

    /// <summary>The token of the last forced replay that reached the action; null if none. See <see cref="ForcedReplay"/>.</summary>
    public string? ForcedBy { get; init; }

    /// <summary>The tokens of the forced replays that reached the action before <see cref="ForcedBy"/>, the oldest first, <see cref="MaxForcedBefore"/> at most. Null if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? ForcedBefore { get; init; }

    /// <summary>When an operator or a forced replay last restarted the action; null if never.</summary>
    public DateTimeOffset? RetriedAt { get; init; }

    /// <summary>An operator's last intervention; null if none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Intervention? Intervention { get; init; }

    /// <summary>The chain that the action belongs to.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>A copy of the event's CloudEvents envelope.</summary>
    public required JsonElement Event { get; init; }

    /// <summary>The attributes that identify the event; null in records that an earlier version wrote. See <see cref="ReadEventReference"/>.</summary>
    public EventReference? EventReference { get; init; }

    /// <summary>The plan, fixed when the action was accepted, so that a later edit of the rules does not change an action in progress.</summary>
    public JsonElement Plan { get; init; }

    /// <summary>The version of the plan's format, from 1. Replicas that do not know this version leave the action to newer replicas.</summary>
    public int PlanVersion { get; init => field = value == 0 ? 1 : value; } = 1;

    /// <summary>The limits of the rule when the action was accepted, with their keys; null if it had none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Limit>? Limits { get; init; }

    /// <summary>The rules whose actions led to the event, in their order; see <see cref="Lineage"/>. Null if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Path { get; init; }

    /// <summary>The approval that the action needs; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Approval? Approval { get; init; }

    /// <summary>Whether the action only reports what it would do.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsDryRun { get; init; }

    /// <summary>The refused credential that the action waits for; null if it waits for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Blockage? Blockage { get; init; }

    /// <summary>How long the current generation has waited for refused credentials. A wait that still lasts is not included.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TimeSpan CredentialWait { get; init; }

    /// <summary>The events that the broker has not accepted yet, the oldest first; null if there are none. They are published before the next write of the record, or by the reconciler.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<UnpublishedEvent>? Unpublished { get; init; }

    /// <summary>The reason why the rule could not be evaluated for the event; the action then fails at once. Null if the rule could be evaluated.</summary>
    public string? Fault { get; init => field = Redaction.Bound(value); }

    /// <summary>Values that completed steps keep for later steps.</summary>
    public IReadOnlyDictionary<string, string> State { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>The result, the reason or the error, for people: without secrets, <see cref="Redaction.MaxLength"/> characters at most.</summary>
    public string? Detail { get; init => field = Redaction.Bound(value); }

    /// <summary>Links to related pages, by name.</summary>
    public IReadOnlyDictionary<string, Uri> Links { get; init => field = value ?? new Dictionary<string, Uri>(); } = new Dictionary<string, Uri>();

    /// <summary>The token of the claim that holds the lease; null if the action is not leased.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>When the lease ends unless the holder renews it.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>When the reconciler takes the next step; null if the action does not wait.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Whether an event, a decision or a freed place of a limit woke the action while it was leased. The lease holder then makes the action due at once instead of postponing it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsWoken { get; init; }

    /// <summary>When the action was accepted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the record was last written.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether the action has ended.</summary>
    [JsonIgnore]
    public bool IsFinished => Status is ActionStatus.Succeeded or ActionStatus.Failed or ActionStatus.Skipped;

    /// <summary>The start of the current generation plus its wait for refused credentials. Time limits of an action count from here.</summary>
    [JsonIgnore]
    public DateTimeOffset BegunAt => (RetriedAt ?? CreatedAt) + CredentialWait;

    /// <summary>The text that remote names are derived from: the id, and after a restart also the generation, because the name of a failed object cannot be used again.</summary>
    [JsonIgnore]
    public string RemoteId => RemoteIdOf(Generation);

    /// <summary>
    /// The <see cref="RemoteId"/> of earlier generations, the latest first. If a remote object of an earlier generation has not failed, a retry continues that object. Empty if the
    /// current generation is forced.
    /// </summary>
    [JsonIgnore]
    public IEnumerable<string> EarlierRemoteIds => IsForced ? [] : Enumerable.Range(0, Generation).Reverse().Select(RemoteIdOf);

    /// <summary>The rules of the chain up to this action, including its own rule. Their number is the depth of the chain.</summary>
    [JsonIgnore]
    internal IEnumerable<string> FullPath => (Path ?? []).Append(Lineage.KeyOf(Service, Rule));

    /// <summary>Whether the rule could be evaluated for the event.</summary>
    [JsonIgnore]
    internal bool HasPlan => Fault is null && Plan.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>The part that this version of the service cannot read, for instance <c>record of version 3</c>; null if it can read the whole record.</summary>
    [JsonIgnore]
    internal string? Unknown { get; init; }

    /// <summary>Whether a newer version of the service wrote the record, so that this version must neither execute nor write it.</summary>
    [JsonIgnore]
    internal bool IsNewer => Unknown is not null;

    /// <summary>
    /// The lower-case status in activity, metrics and operators' routes. A running action that is in a stage of <see cref="LedgerStages"/>, or that waits for a credential, has the
    /// status <c>waiting</c>.
    /// </summary>
    internal string StatusName => Status switch
    {
        ActionStatus.Accepted => "accepted",
        ActionStatus.Running when LedgerStages.IsWaiting(Stage) || Blockage is not null => "waiting",
        ActionStatus.Running => "running",
        ActionStatus.Succeeded => "succeeded",
        ActionStatus.Failed => "failed",
        _ => "skipped",
    };

    /// <summary>The event that caused the action.</summary>
    /// <exception cref="InvalidOperationException">The stored copy is no CloudEvents envelope.</exception>
    public WorkflowEvent ReadEvent() =>
        WorkflowEvent.TryRead(Event, out var workflowEvent, out var error)
            ? Correlation.IsUnknown(workflowEvent) ? workflowEvent with { Joined = new(CorrelationId, Lineage.Format(Path ?? [])) } : workflowEvent
            : throw new InvalidOperationException($"The event in record {Id} cannot be read: {error}.");

    /// <summary>The attributes that identify the event that caused the action.</summary>
    /// <exception cref="InvalidOperationException">The stored copy is no CloudEvents envelope.</exception>
    public EventReference ReadEventReference() => EventReference ?? EventReference.To(ReadEvent());

    /// <summary>
    /// The tags of the remote objects that the action creates. With them, services join later events to the chain, and people find the action.
    /// </summary>
    public IReadOnlyDictionary<string, string> ToTags() => new Dictionary<string, string>
    {
        [Correlation.Tag] = CorrelationId,
        [Correlation.ActionTag] = Id,
        [Correlation.RuleTag] = Rule,
        [Correlation.PathTag] = Lineage.Format(FullPath),
    };

    /// <summary>The id of the action that a rule of a service requests for an event. It depends on the arguments only.</summary>
    /// <param name="service">The service.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="deduplicationKey">The text that several events of a source share when they cause one action; null if each event causes its own action.</param>
    public static string IdOf(string service, string rule, WorkflowEvent workflowEvent, string? deduplicationKey = null) => ActionId.From(service, rule, workflowEvent, deduplicationKey);

    /// <summary>
    /// The id of the action of a <see cref="FollowUp"/>. The id is calculated from the same parts as the id of an action for an event, but the part for the event's source is empty. An event's source is never empty, so the two kinds of ids are never equal.
    /// </summary>
    internal static string IdOfFollowUp(string service, string rule, string name) => ActionId.FromParts(service, rule, "", name);

    /// <summary>Whether the text has the form of an action's id.</summary>
    internal static bool IsId(string text) => StateKey.IsHash(text, ActionId.Length);

    /// <summary>The earliest time when an owner may take the action, if another claim holds the lease or the action waits; null if it may be taken now.</summary>
    internal DateTimeOffset? NotBefore(string owner, DateTimeOffset now)
    {
        var free = LeaseOwner is not null && LeaseOwner != owner ? LeaseUntil : null;
        var later = DueAt is null || free > DueAt ? free : DueAt;
        return later > now ? later : null;
    }

    /// <summary>The record of an action that no longer waits for a credential.</summary>
    internal ActionRecord Unblocked(DateTimeOffset now) => Blockage is { Since: var since } ? this with { Blockage = null, CredentialWait = CredentialWait + (now - since) } : this;

    /// <summary>The action restarted in a new generation, due now.</summary>
    internal ActionRecord Retried(bool force, DateTimeOffset now) => this with
    {
        Version = Math.Max(Version, RetriedVersion),
        Generation = Generation + 1,
        IsForced = force,
        RetriedAt = now,
        Status = ActionStatus.Running,
        Stage = "",
        Attempt = Attempt + 1,
        Failures = 0,
        Interrupted = false,
        Blockage = null,
        CredentialWait = TimeSpan.Zero,
        State = new Dictionary<string, string>(),
        Detail = force ? "restarted by an operator with force" : "restarted by an operator",
        DueAt = now,
    };

    /// <summary>The action restarted in a new generation by a forced replay, with the plan of the rules in force now.</summary>
    internal ActionRecord Replayed(ActionRecord requested, DateTimeOffset now) => Retried(force: true, now).ForcedByReplay(requested.ForcedBy) with
    {
        RuleVersion = requested.RuleVersion,
        Plan = requested.Plan,
        PlanVersion = requested.PlanVersion,
        Fault = requested.Fault,
        Limits = requested.Limits,
        Path = requested.Path,
        Approval = requested.Approval,
        IsDryRun = requested.IsDryRun,
        Version = Math.Max(RetriedVersion, requested.Version),
        Event = requested.Event,
        EventReference = requested.EventReference,
        Detail = "restarted by a forced replay of its event",
    };

    /// <summary>Whether a forced replay has already reached the action; true if the event has no token, because there is no replay to record.</summary>
    internal bool HasSeenReplay(string? token) => token is null || ForcedBy == token || ForcedBefore?.Contains(token) == true;

    /// <summary>The record with the token of a forced replay; unchanged if the replay has already reached the action.</summary>
    internal ActionRecord ForcedByReplay(string? token) => HasSeenReplay(token)
        ? this
        : this with
        {
            Version = Math.Max(Version, RetriedVersion),
            ForcedBy = token,
            ForcedBefore = ForcedBy is null ? ForcedBefore : [.. (ForcedBefore ?? []).Append(ForcedBy).TakeLast(MaxForcedBefore)],
        };

    /// <summary>The record with the tokens of the forced replays that another copy of the record contains.</summary>
    internal ActionRecord ForcedByReplaysOf(ActionRecord stored) =>
        (stored.ForcedBefore ?? []).Append(stored.ForcedBy).Aggregate(this, (record, token) => record.ForcedByReplay(token));

    /// <summary>The record that the lease holder writes. If the action waits and the stored record was woken, the action is due now. Otherwise, the record is unchanged.</summary>
    internal ActionRecord WokenBy(ActionRecord stored, DateTimeOffset now) => stored.IsWoken && LeaseOwner is null && DueAt > now ? this with { DueAt = now } : this;

    /// <summary>The record with the version that its content needs.</summary>
    internal ActionRecord WithVersion() => Approval is null && !IsDryRun ? this : this with { Version = GuardedVersion };

    /// <summary>The record with these unpublished events, and with the version that its content needs.</summary>
    internal ActionRecord WithUnpublished(IReadOnlyList<UnpublishedEvent>? events) => (events, Unpublished) is (null, null)
        ? this
        : this with { Unpublished = events, Version = events is not null ? UnpublishedVersion : Approval is not null || IsDryRun ? GuardedVersion : Generation > 0 || ForcedBy is not null ? RetriedVersion : FirstVersion };

    private string RemoteIdOf(int generation) => generation == 0 ? Id : string.Create(CultureInfo.InvariantCulture, $"{Id}-r{generation}");
}
