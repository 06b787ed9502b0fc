using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger.Approvals;

/// <summary>Settings of approvals, from the <c>Approvals</c> section.</summary>
public sealed class ApprovalOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Approvals";

    /// <summary>
    /// The public address of the service's approval page: https, or http on this machine. Default none: notices have no personal link.
    /// </summary>
    public Uri? PublicAddress { get; set; }

    /// <summary>The key that signs the links in notices, at least 32 characters. Notifier, retrainer and deployer use the same key. Default none: notices have no personal link.</summary>
    // MinLengthAttribute is not used, because it reads the length of a collection by reflection.
    [StringLength(int.MaxValue, MinimumLength = ApprovalLink.MinKeyLength, ErrorMessage = "The field {0} must be a string or array type with a minimum length of '{2}'.")]
    public string? LinkKey { get; set; }
}

[OptionsValidator]
internal sealed partial class ApprovalOptionsValidator : IValidateOptions<ApprovalOptions>;

/// <summary>Rejects an address on another machine without https, because everybody who reads the link of a notice can decide.</summary>
internal sealed class ApprovalAddressValidator : IValidateOptions<ApprovalOptions>
{
    public ValidateOptionsResult Validate(string? name, ApprovalOptions options) => options.PublicAddress switch
    {
        null => ValidateOptionsResult.Success,
        var address when SecureAddress.IsSecure(address) => ValidateOptionsResult.Success,
        var address => ValidateOptionsResult.Fail($"Approvals:PublicAddress must be an absolute https address, because everybody who reads a link can decide; it is '{address}'. Plain http is allowed for this machine."),
    };
}
