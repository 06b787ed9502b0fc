using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Options;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Operating;

/// <summary>The token of the operators, which the dashboard asks for at sign-in and sends to the services.</summary>
internal sealed class OperatorToken(IOptionsMonitor<OperationsOptions> options, IHostEnvironment environment)
{
    /// <summary>The token; null if none is set; then no sign-in is possible.</summary>
    public string? Value => options.CurrentValue.Token is { Length: > 0 } token ? token : environment.IsDevelopment() ? OperationsOptions.LocalToken : null;

    /// <summary>Compares in a time that does not depend on the content.</summary>
    public bool Matches(string given) => Value is { } expected && CryptographicOperations.FixedTimeEquals(Hash(given), Hash(expected));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
