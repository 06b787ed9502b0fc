using System.Globalization;

using Microsoft.Extensions.Options;

namespace MLEvents.Notifier;

/// <summary>Settings of links to the dashboard, from the <c>Dashboard</c> section, which the dashboard reads too.</summary>
public sealed class DashboardLinkOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Dashboard";

    /// <summary>The address at which people reach the dashboard, absolute, http or https. Default none: messages have no link to the dashboard.</summary>
    public Uri? PublicAddress { get; set; }

    /// <summary>The address of the page of an approval request; null if <see cref="PublicAddress"/> is not set.</summary>
    internal string? PageOfQuestion(string actionId, int generation) => PageAt(string.Create(CultureInfo.InvariantCulture, $"approvals/{Uri.EscapeDataString(actionId)}/{generation}"));

    /// <summary>The address of the page of a chain; null if <see cref="PublicAddress"/> is not set.</summary>
    internal string? PageOfChain(string correlationId) => PageAt($"chain?id={Uri.EscapeDataString(correlationId)}");

    private string? PageAt(string path) => PublicAddress is null ? null : $"{PublicAddress.ToString().TrimEnd('/')}/{path}";
}

internal sealed class DashboardLinkOptionsValidator : IValidateOptions<DashboardLinkOptions>
{
    public ValidateOptionsResult Validate(string? name, DashboardLinkOptions options) => options.PublicAddress switch
    {
        null => ValidateOptionsResult.Success,
        { IsAbsoluteUri: true, Scheme: "http" or "https" } => ValidateOptionsResult.Success,
        var address => ValidateOptionsResult.Fail($"Dashboard:PublicAddress must be an absolute http or https address; it is '{address}'."),
    };
}
