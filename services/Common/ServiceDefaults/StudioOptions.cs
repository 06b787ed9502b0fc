using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.ServiceDefaults;

/// <summary>Settings of links to the studio, from the <c>AzureML</c> section.</summary>
public sealed class StudioOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "AzureML";

    private Uri? _studioBase;

    /// <summary>The cloud: AzurePublicCloud (default), AzureUSGovernment or AzureChinaCloud.</summary>
    public string Cloud { get; set; } = "AzurePublicCloud";

    /// <summary>The address of Azure Machine Learning studio. Default: its address for the cloud, for example https://ml.azure.com/ for the public cloud.</summary>
    public Uri StudioBase { get => _studioBase ?? StudioOf(Cloud); set => _studioBase = value; }

    private static Uri StudioOf(string cloud) => cloud switch
    {
        _ when cloud.Equals("AzureUSGovernment", StringComparison.OrdinalIgnoreCase) => new("https://ml.azure.us/"),
        _ when cloud.Equals("AzureChinaCloud", StringComparison.OrdinalIgnoreCase) => new("https://studio.ml.azure.cn/"),
        _ => StudioLinks.PublicStudio,
    };
}

internal sealed class StudioOptionsValidator : IValidateOptions<StudioOptions>
{
    public ValidateOptionsResult Validate(string? name, StudioOptions options)
    {
        // An empty name counts as not set.
        if (options.Cloud.Length > 0 && EntraCloud.Find(options.Cloud) is null)
        {
            return ValidateOptionsResult.Fail($"AzureML:Cloud is '{options.Cloud}'; expected one of: {string.Join(", ", EntraCloud.Names)}.");
        }

        return options.StudioBase.IsAbsoluteUri
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"AzureML:StudioBase must be an absolute address; it is '{options.StudioBase}'.");
    }
}
