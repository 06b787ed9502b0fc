using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Rules;

/// <summary>Settings of rule files and of watching them, from the <c>Rules</c> section.</summary>
public sealed class RulesOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Rules";

    /// <summary>The folder with the rule files, relative to the working directory. Default <c>rules</c>.</summary>
    [Required]
    public string Directory { get; set; } = "rules";

    /// <summary>
    /// How long the files must be unchanged before they are read, 1 ms to 10 s. Default 250 ms.
    /// If changes continue, the files are read after 10 times this time.
    /// </summary>
    [TimeRange("00:00:00.001", "00:00:10")]
    public TimeSpan Debounce { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often files are read without a change notification, for file systems that send none, 10 ms to 1 h. Default 10 s.</summary>
    [TimeRange("00:00:00.010", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class RulesOptionsValidator : IValidateOptions<RulesOptions>;
