using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Settings of what is kept, from the <c>Keeping</c> section.</summary>
public sealed class DeadLetterOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "DeadLetters";

    /// <summary>The Dapr state store that holds the messages; it must support ETags. Default <c>statestore</c>.</summary>
    [Required]
    public string StateStore { get; set; } = "statestore";

    /// <summary>How long a message is kept, 1 day to 10 years. Default 90 days, as the ledger keeps finished actions: replayed later than that, an action may be done again.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);
}

[OptionsValidator]
internal sealed partial class DeadLetterOptionsValidator : IValidateOptions<DeadLetterOptions>;
