using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MLEvents.ServiceDefaults;

/// <summary>Who may look into and steer a service, from the <c>Operations</c> section.</summary>
public sealed class OperationsOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Operations";

    /// <summary>The token that works on a developer's machine; refused outside Development.</summary>
    public const string LocalToken = "local-development-key";

    /// <summary>
    /// The token that operators send, as <c>Authorization: Bearer</c> or in <c>x-api-key</c>; at least 16 characters. Without one the operators' API
    /// refuses everybody, except in Development, where the default is <see cref="LocalToken"/>.
    /// </summary>
    public string? Token { get; set; }
}

/// <summary>Checks whether the token is fit for the environment.</summary>
internal sealed class OperationsOptionsValidator(IHostEnvironment environment) : IValidateOptions<OperationsOptions>
{
    private const int ShortestToken = 16;

    public ValidateOptionsResult Validate(string? name, OperationsOptions options) => options.Token switch
    {
        null or "" => ValidateOptionsResult.Success,
        { Length: < ShortestToken } => ValidateOptionsResult.Fail($"Operations:Token is shorter than {ShortestToken} characters; make one with: openssl rand -hex 32"),
        OperationsOptions.LocalToken when !environment.IsDevelopment() =>
            ValidateOptionsResult.Fail($"Operations:Token is '{OperationsOptions.LocalToken}', which works in Development only; set a token of your own."),
        _ => ValidateOptionsResult.Success,
    };
}
