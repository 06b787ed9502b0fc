using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger.Chains;

/// <summary>Settings of the search for a registered model's chain, from the <c>Chains</c> section.</summary>
public sealed class ChainOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Chains";

    /// <summary>How long the service looks for the chain of a registered model before the event starts a new chain, 0 to 10 s. Default 3 s. 0 disables the search.</summary>
    [TimeRange("00:00:00", "00:00:10")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(3);
}

[OptionsValidator]
internal sealed partial class ChainOptionsValidator : IValidateOptions<ChainOptions>;
