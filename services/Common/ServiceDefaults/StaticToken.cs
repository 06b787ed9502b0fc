using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MLEvents.ServiceDefaults;

/// <summary>The static token of the operators.</summary>
public sealed class StaticToken(IOptionsMonitor<OperationsOptions> options, IHostEnvironment environment)
{
    /// <summary>The token, or its default in Development (see <see cref="OperationsOptions.Token"/>); null if there is none or it is disabled.</summary>
    public string? Value => options.CurrentValue switch
    {
        { StaticToken: false } => null,
        { Token: { Length: > 0 } token } => token,
        { OpenIdConnect.HasIssuer: true } => null,
        _ => environment.IsDevelopment() ? OperationsOptions.LocalToken : null,
    };

    /// <summary>Whether a text is the token. The time of the comparison does not depend on the texts.</summary>
    public bool Matches(string given) => Value is { } expected && FixedTime.AreEqual(given, expected);
}
