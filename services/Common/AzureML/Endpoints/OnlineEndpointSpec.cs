namespace MLEvents.AzureML;

/// <summary>What an online endpoint shall be.</summary>
/// <param name="Location">Azure region, for example <c>westeurope</c>.</param>
/// <param name="AuthMode">How callers prove themselves: <c>Key</c> (default), <c>AMLToken</c> or <c>AADToken</c>.</param>
/// <param name="Tags">Tags of the endpoint; none by default.</param>
/// <param name="Description">Text for people; none by default.</param>
public sealed record OnlineEndpointSpec(
    string Location,
    string AuthMode = "Key",
    IReadOnlyDictionary<string, string>? Tags = null,
    string? Description = null);
