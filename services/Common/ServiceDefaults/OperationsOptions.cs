using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.ServiceDefaults;

/// <summary>Settings of the operators' access to a service, from the <c>Operations</c> section.</summary>
public sealed class OperationsOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Operations";

    /// <summary>The token that works on a developer's machine; refused outside Development.</summary>
    public const string LocalToken = "local-development-key";

    /// <summary>
    /// The static token that operators send, as <c>Authorization: Bearer</c> or in <c>x-api-key</c>; at least 16 characters. It has every role. Default none;
    /// in Development without an issuer in <see cref="OpenIdConnect"/>, the default is <see cref="LocalToken"/>.
    /// Outside Development, the operators' API refuses every request if neither this token nor an issuer is set.
    /// </summary>
    public string? Token { get; set; }

    /// <summary>Whether the static token is accepted. Default true.</summary>
    public bool StaticToken { get; set; } = true;

    /// <summary>The issuer whose tokens are accepted. Default none.</summary>
    [ValidateObjectMembers]
    public OperatorTokenOptions OpenIdConnect { get; } = new();
}

/// <summary>Settings that decide which tokens of operators are accepted, from the section <c>Operations:OpenIdConnect</c>.</summary>
public sealed class OperatorTokenOptions : TokenOptions
{
    /// <summary>The claim that holds the roles of the operator: <c>MLEvents.Reader</c>, <c>MLEvents.Operator</c>, <c>MLEvents.Approver</c>. Default <c>roles</c>.</summary>
    [Required]
    public string RoleClaim { get; set; } = "roles";

    /// <summary>The application id of the dashboard, which signs users in. Default none: the dashboard asks for the static token.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret of the dashboard's application. Default none, for a public client.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>The scopes that the dashboard requests, separated by spaces. One of them must make the issuer return a token for the first of <see cref="TokenOptions.Audiences"/>. Default <c>openid profile</c>.</summary>
    [Required]
    public string Scope { get; set; } = "openid profile";
}

[OptionsValidator]
internal sealed partial class OperationsOptionsValidator : IValidateOptions<OperationsOptions>;

/// <summary>Checks the length of the static token and the settings of the issuer, and refuses <see cref="OperationsOptions.LocalToken"/> outside Development.</summary>
internal sealed class OperationsRulesValidator(IHostEnvironment environment) : IValidateOptions<OperationsOptions>
{
    private const int MinTokenLength = 16;

    public ValidateOptionsResult Validate(string? name, OperationsOptions options)
    {
        string[] failures = [.. CheckToken(options), .. options.OpenIdConnect.FindErrors($"{OperationsOptions.Section}:{nameof(OperationsOptions.OpenIdConnect)}")];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> CheckToken(OperationsOptions options)
    {
        if (options.Token is { Length: > 0 and < MinTokenLength })
        {
            yield return $"Operations:Token is shorter than {MinTokenLength} characters; create one with: openssl rand -hex 32";
        }

        if (options.Token == OperationsOptions.LocalToken && !environment.IsDevelopment())
        {
            yield return $"Operations:Token is '{OperationsOptions.LocalToken}', which works in Development only; set a token of your own.";
        }
    }
}
