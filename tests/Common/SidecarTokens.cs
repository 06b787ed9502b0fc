namespace MLEvents.Tests.Common;

/// <summary>The tokens between a service under test and its sidecar.</summary>
public static class SidecarTokens
{
    /// <summary>The header of the tokens, in both directions.</summary>
    public const string Header = "dapr-api-token";

    /// <summary>The token that a sidecar sends to its service: <c>APP_API_TOKEN</c>.</summary>
    public const string App = "a-token-of-the-sidecar-for-tests";

    /// <summary>The token that a service sends to its sidecar: <c>DAPR_API_TOKEN</c>.</summary>
    public const string Dapr = "a-token-of-the-service-for-tests";

    /// <summary>Both tokens, as settings of a service.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>> Settings { get; } = [new("APP_API_TOKEN", App), new("DAPR_API_TOKEN", Dapr)];

    /// <summary>Creates a client that sends a token.</summary>
    /// <param name="token">The token.</param>
    public static HttpClient CreateClient(string token)
    {
        var client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Add(Header, token);
        return client;
    }
}
