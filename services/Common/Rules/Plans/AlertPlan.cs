using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Rules.Plans;

/// <summary>An alert, rendered when its action was accepted. The ledger stores it, so that every attempt sends the same content.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MailPlan), "email")]
[JsonDerivedType(typeof(BindingPlan), "binding")]
[JsonDerivedType(typeof(DigestPlan), "digest")]
[JsonDerivedType(typeof(ChatPlan), "chat")]
[JsonDerivedType(typeof(ChatDigestPlan), "chat-digest")]
public abstract record AlertPlan
{
    /// <summary>The page to which the alert links, by default the page of the event in the studio.</summary>
    public required Uri Studio { get; init; }

    /// <summary>The label of the link to the page; null for a page of the studio.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PageName { get; init; }

    /// <summary>The effect of the event on a stateful alert; null if the rule has no state.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StatePlan? State { get; init; }

    /// <summary>The parts of the rule that could not be rendered for the event and have a default instead; null if all could be rendered.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }

    /// <summary>The channel, for metrics: <c>email</c> or the binding's name.</summary>
    [JsonIgnore]
    public abstract string Channel { get; }

    /// <summary>The plan as the ledger stores it.</summary>
    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, AlertPlanJson.Default.AlertPlan);

    /// <summary>Reads a plan of the ledger.</summary>
    /// <exception cref="JsonException">The JSON is not a plan of the notifier.</exception>
    /// <exception cref="NotSupportedException">The plan does not name its kind.</exception>
    public static AlertPlan Read(JsonElement plan) => plan.Deserialize(AlertPlanJson.Default.AlertPlan) ?? throw new JsonException("the plan is empty");
}

/// <summary>An e-mail.</summary>
public sealed record MailPlan : AlertPlan
{
    /// <summary>The recipients. The mail has at least one recipient in <see cref="To"/>, <see cref="Cc"/> or <see cref="Bcc"/>.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>Recipients of a copy.</summary>
    public IReadOnlyList<string> Cc { get; init => field = value ?? []; } = [];

    /// <summary>Recipients of a blind copy. The other recipients do not see them.</summary>
    public IReadOnlyList<string> Bcc { get; init => field = value ?? []; } = [];

    /// <summary>The recipients that the event names and the rule does not; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? FromData { get; init; }

    /// <summary>The subject, one line.</summary>
    public required string Subject { get; init; }

    /// <summary>The text part.</summary>
    public required string Text { get; init; }

    /// <summary>The HTML part; null if there is none.</summary>
    public string? Html { get; init; }

    /// <summary>The key that the mails of a thread share; null if the correlation chain is the thread.</summary>
    public string? Thread { get; init; }

    /// <summary>The limit on such e-mails in a period; null for no limit.</summary>
    public ThrottlePlan? Throttle { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Channel => AlertMessage.Email;
}

/// <summary>A call of a Dapr output binding.</summary>
public sealed record BindingPlan : AlertPlan
{
    /// <summary>The name of the binding's component.</summary>
    public required string Binding { get; init; }

    /// <summary>The binding's operation, for instance <c>create</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>The metadata of the call.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>The data, stored as text, because a store that parses JSON may write numbers in another form.</summary>
    public required string Data { get; init; }

    /// <summary>The limit on such calls in a period; null for no limit. Calls beyond it are dropped without a digest, because only the target understands the data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ThrottlePlan? Throttle { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Channel => Binding;
}

/// <summary>The effect of an event on a stateful alert.</summary>
/// <param name="Key">The rendered key of the alert.</param>
/// <param name="IsOpening">True if the event opens the alert, false if the event resolves it.</param>
/// <param name="Remind">The shortest time from the last message to a reminder. A further opening event after this time is sent as a reminder. Null for no reminders.</param>
public sealed record StatePlan(string Key, bool IsOpening, TimeSpan? Remind);

/// <summary>A limit on the messages of a rule.</summary>
/// <param name="Max">The largest number of messages for a period and key.</param>
/// <param name="Per">The period.</param>
/// <param name="Key">The rendered key. Messages with the same key are counted together; an empty key counts all messages of the rule together.</param>
public sealed record ThrottlePlan(int Max, TimeSpan Per, string Key)
{
    /// <summary>A hash of the recipients that the event names. The alerts to these recipients are counted separately. Null if the event names no recipients.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Audience { get; init; }

    /// <summary>The key of the count: the throttle's key, and the recipients that the event names. The casing of an ARM id does not matter.</summary>
    [JsonIgnore]
    public string CountedBy => Audience is null ? ArmId.NormalizeWhole(Key) : $"{ArmId.NormalizeWhole(Key)}\n{Audience}";
}

/// <summary>An e-mail that lists the alerts beyond the limit of one period.</summary>
public sealed record DigestPlan : AlertPlan
{
    /// <summary>The recipients. The mail has at least one recipient in <see cref="To"/>, <see cref="Cc"/> or <see cref="Bcc"/>.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>Recipients of a copy.</summary>
    public IReadOnlyList<string> Cc { get; init => field = value ?? []; } = [];

    /// <summary>Recipients of a blind copy. The other recipients do not see them.</summary>
    public IReadOnlyList<string> Bcc { get; init => field = value ?? []; } = [];

    /// <summary>When the period began.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The limit that was exceeded.</summary>
    public required ThrottlePlan Throttle { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Channel => AlertMessage.Email;
}

/// <summary>The JSON contract of stored plans. A store can return the members in another order than it received them.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(AlertPlan))]
public sealed partial class AlertPlanJson : JsonSerializerContext;
