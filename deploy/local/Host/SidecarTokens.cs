using System.Security.Cryptography;

namespace MLEvents.Local.Host;

/// <summary>The tokens between the services and their sidecars. Without them, any program or web page on this machine could publish events as a sidecar.</summary>
/// <param name="Dapr">The token that a service sends to its sidecar.</param>
/// <param name="App">The token that a sidecar sends to its service.</param>
internal sealed record SidecarTokens(string Dapr, string App)
{
    private const string DaprVariable = "DAPR_API_TOKEN";
    private const string AppVariable = "APP_API_TOKEN";
    private const int Bytes = 32;

    /// <summary>The tokens by the names that Dapr gives them, for settings and environment variables.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables => [new(DaprVariable, Dapr), new(AppVariable, App)];

    /// <summary>Creates random tokens.</summary>
    public static SidecarTokens Create() => new(RandomNumberGenerator.GetHexString(Bytes * 2), RandomNumberGenerator.GetHexString(Bytes * 2));

    /// <summary>Leaves the tokens out of the text form, so that no log shows them.</summary>
    public override string ToString() => nameof(SidecarTokens);
}
