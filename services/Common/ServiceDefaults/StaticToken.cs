using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MLEvents.ServiceDefaults;

/// <summary>The static token of the operators.</summary>
public sealed class StaticToken(IOptionsMonitor<OperationsOptions> options, IHostEnvironment environment)
{
    /// <summary>The token; null if none is set or it is disabled.</summary>
    public string? Value => options.CurrentValue switch
    {
        { StaticToken: false } => null,
        { Token: { Length: > 0 } token } => token,
        { OpenIdConnect.HasIssuer: true } => null,
        _ => environment.IsDevelopment() ? OperationsOptions.LocalToken : null,
    };

    /// <summary>Compares the texts in a time that does not depend on their content.</summary>
    public bool Matches(string given) => Value is { } expected && FixedTime.AreEqual(given, expected);
}
