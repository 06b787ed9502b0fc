using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Rules;

namespace MLEvents.Notifier;

/// <summary>Settings of the notifier, from the <c>Notifier</c> section.</summary>
public sealed class NotifierOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Notifier";

    /// <summary>The address of Azure Machine Learning studio, which alerts link to. Default <c>https://ml.azure.com</c>; sovereign clouds have others.</summary>
    [Required]
    public Uri StudioBase { get; set; } = new(TemplateModel.PublicStudio);
}

[OptionsValidator]
internal sealed partial class NotifierOptionsValidator : IValidateOptions<NotifierOptions>;
