using System.Text.Json.Serialization;

namespace MLEvents.Rules.Plans;

/// <summary>A message to a chat, through a Dapr output binding. The sender converts it to the chat's format.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
public sealed record ChatPlan : AlertPlan
{
    /// <summary>The name of the binding's component.</summary>
    public required string Binding { get; init; }

    /// <summary>The binding's operation, usually <c>post</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>The metadata of the call.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>The chat's format.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<ChatFormat>))]
    public required ChatFormat Format { get; init; }

    /// <summary>The message.</summary>
    public required ChatMessage Message { get; init; }

    /// <summary>The id of the Slack conversation, if Slack's Web API sends the message; null for a message to a webhook.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Conversation { get; init; }

    /// <summary>The key that the messages of a thread share; null if the correlation chain is the thread. A message to a webhook has no thread.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Thread { get; init; }

    /// <summary>The limit on such messages in a period; null for no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ThrottlePlan? Throttle { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Channel => Binding;
}

/// <summary>A message to a chat that lists the alerts beyond the limit of one period.</summary>
public sealed record ChatDigestPlan : AlertPlan
{
    /// <summary>The message of the first event beyond the limit. The digest uses its binding and format.</summary>
    public required ChatPlan Call { get; init; }

    /// <summary>When the period began.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The limit that was exceeded.</summary>
    public required ThrottlePlan Throttle { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Channel => Call.Binding;
}
