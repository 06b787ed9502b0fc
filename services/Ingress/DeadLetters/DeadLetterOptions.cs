using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Settings of stored messages, from the <c>DeadLetters</c> section.</summary>
public sealed class DeadLetterOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "DeadLetters";

    /// <summary>The Dapr state store that holds the messages; it must support ETags. Default <c>statestore</c>.</summary>
    [Required]
    public string StateStore { get; set; } = "statestore";

    /// <summary>
    /// How long a message is stored, 1 day to 10 years. Default 90 days, the same time for which the ledger stores the records of finished actions.
    /// A replay after these records have expired may repeat an action.
    /// </summary>
    [TimeRange("1.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);
}

[OptionsValidator]
internal sealed partial class DeadLetterOptionsValidator : IValidateOptions<DeadLetterOptions>;
