using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLEvents.Notifier;

/// <summary>An alert, rendered when its action was accepted: what the ledger keeps, so that every attempt sends the same.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MailPlan), "email")]
[JsonDerivedType(typeof(BindingPlan), "binding")]
internal abstract record AlertPlan
{
    // A state store may give the members back in another order than it was given.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { AllowOutOfOrderMetadataProperties = true };

    /// <summary>The page that the event is about.</summary>
    public required Uri Studio { get; init; }

    /// <summary>The channel, for metrics: <c>email</c> or the binding's name.</summary>
    [JsonIgnore]
    public abstract string Channel { get; }

    /// <summary>The plan as the ledger keeps it.</summary>
    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, Json);

    /// <summary>Reads a plan of the ledger.</summary>
    /// <exception cref="JsonException">It is no plan of this service.</exception>
    /// <exception cref="NotSupportedException">It does not say of which kind it is.</exception>
    public static AlertPlan Read(JsonElement plan) => plan.Deserialize<AlertPlan>(Json) ?? throw new JsonException("the plan is empty");
}

/// <summary>An e-mail.</summary>
internal sealed record MailPlan : AlertPlan
{
    public required IReadOnlyList<string> To { get; init; }

    public IReadOnlyList<string> Cc { get; init; } = [];

    public IReadOnlyList<string> Bcc { get; init; } = [];

    public required string Subject { get; init; }

    public required string Text { get; init; }

    public string? Html { get; init; }

    public override string Channel => Rules.AlertMessage.Email;
}

/// <summary>A call of a Dapr output binding.</summary>
internal sealed record BindingPlan : AlertPlan
{
    public required string Binding { get; init; }

    public required string Operation { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The data, kept as text: a store that reads JSON may write numbers in another way.</summary>
    public required string Data { get; init; }

    public override string Channel => Binding;
}
