using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

namespace MLEvents.Deployer;

/// <summary>Settings of the deployer, from the <c>Deployer</c> section.</summary>
public sealed class DeployerOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Deployer";

    /// <summary>How often an endpoint or deployment that is being made is looked at, 0.05 s to 1 h. Default 15 s; a deployment takes minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a roll-out may take before its action fails, 1 min to 7 days. Default 4 h. What Azure is doing by then is left alone.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan LongestRollout { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How many lines of each container's log a failed deployment's action quotes, 1 to 500. Default 20.</summary>
    [Range(1, 500)]
    public int LogLines { get; set; } = 20;
}

[OptionsValidator]
internal sealed partial class DeployerOptionsValidator : IValidateOptions<DeployerOptions>;
