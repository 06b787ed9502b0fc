using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Rules.Plans;

/// <summary>An alert, rendered when its action was accepted: what the ledger keeps, so that every attempt sends the same.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MailPlan), "email")]
[JsonDerivedType(typeof(BindingPlan), "binding")]
[JsonDerivedType(typeof(DigestPlan), "digest")]
[JsonDerivedType(typeof(ChatPlan), "chat")]
[JsonDerivedType(typeof(ChatDigestPlan), "chat-digest")]
public abstract record AlertPlan
{
    /// <summary>The page that the event is about.</summary>
    public required Uri Studio { get; init; }

    /// <summary>What the event means for a stateful alert; null if the rule has no state.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StatePlan? State { get; init; }

    /// <summary>Which parts of the rule could not be rendered for the event, so that a default stands in for them; null if all could.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }

    /// <summary>The channel, for metrics: <c>email</c> or the binding's name.</summary>
    [JsonIgnore]
    public abstract string Channel { get; }

    /// <summary>The plan as the ledger keeps it.</summary>
    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, AlertPlanJson.Default.AlertPlan);

    /// <summary>Reads a plan of the ledger.</summary>
    /// <exception cref="JsonException">It is no plan of the notifier.</exception>
    /// <exception cref="NotSupportedException">It does not name its kind.</exception>
    public static AlertPlan Read(JsonElement plan) => plan.Deserialize(AlertPlanJson.Default.AlertPlan) ?? throw new JsonException("the plan is empty");
}

/// <summary>An e-mail.</summary>
public sealed record MailPlan : AlertPlan
{
    /// <summary>The recipients. The mail has at least one recipient, here or among those of a copy.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>Recipients of a copy.</summary>
    public IReadOnlyList<string> Cc { get; init; } = [];

    /// <summary>Recipients of a copy whom the others do not see.</summary>
    public IReadOnlyList<string> Bcc { get; init; } = [];

    /// <summary>Those of the recipients that the event names, and not the rule; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? FromData { get; init; }

    /// <summary>The subject, one line.</summary>
    public required string Subject { get; init; }

    /// <summary>The text part.</summary>
    public required string Text { get; init; }

    /// <summary>The HTML part; null if there is none.</summary>
    public string? Html { get; init; }

    /// <summary>What the mails of one thread have in common; null for those of the correlation chain.</summary>
    public string? Thread { get; init; }

    /// <summary>How many such mails are sent in a period; null for any number.</summary>
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
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The data, kept as text: a store that reads JSON may write numbers in another way.</summary>
    public required string Data { get; init; }

    /// <summary>How many such calls are made in a period; null for any number. The others are left out: there is no digest of data that only its target understands.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ThrottlePlan? Throttle { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Channel => Binding;
}

/// <summary>What an event means for a stateful alert.</summary>
/// <param name="Key">The alert.</param>
/// <param name="IsOpening">Whether the event opens the alert; it resolves it otherwise.</param>
/// <param name="Remind">How long after the last message a repetition is sent as a reminder; null for never.</param>
public sealed record StatePlan(string Key, bool IsOpening, TimeSpan? Remind);

/// <summary>A limit on the e-mails of a rule.</summary>
/// <param name="Max">Most e-mails of a period and key.</param>
/// <param name="Per">The period.</param>
/// <param name="Key">What is counted apart; empty if all of the rule is counted together.</param>
public sealed record ThrottlePlan(int Max, TimeSpan Per, string Key)
{
    /// <summary>A hash of the recipients that the event names, whose alerts are counted apart; null if it names none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Audience { get; init; }

    /// <summary>What is counted apart: the key, whose casing does not matter if it is an ARM id, and the recipients that the event names.</summary>
    [JsonIgnore]
    public string CountedBy => Audience is null ? ArmId.NormalizeWhole(Key) : $"{ArmId.NormalizeWhole(Key)}\n{Audience}";
}

/// <summary>An e-mail that lists the alerts beyond the limit of one period.</summary>
public sealed record DigestPlan : AlertPlan
{
    /// <summary>The recipients, at least one.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>Recipients of a copy.</summary>
    public IReadOnlyList<string> Cc { get; init; } = [];

    /// <summary>Recipients of a copy whom the others do not see.</summary>
    public IReadOnlyList<string> Bcc { get; init; } = [];

    /// <summary>When the period began.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The limit that was passed.</summary>
    public required ThrottlePlan Throttle { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Channel => AlertMessage.Email;
}

/// <summary>The JSON contract of stored plans. A store can return the members in another order than it received them.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(AlertPlan))]
public sealed partial class AlertPlanJson : JsonSerializerContext;
