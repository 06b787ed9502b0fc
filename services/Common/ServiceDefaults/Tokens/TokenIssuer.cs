namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>An issuer whose tokens are accepted.</summary>
/// <param name="Metadata">The address of its metadata.</param>
/// <param name="Names">The accepted values of <c>iss</c> in its tokens.</param>
public sealed record TokenIssuer(Uri Metadata, IReadOnlyList<string> Names)
{
    private const string Discovery = "/.well-known/openid-configuration";

    /// <summary>The issuer in the settings; null if they name none.</summary>
    public static TokenIssuer? From(TokenOptions options)
    {
        if (Guid.TryParse(options.TenantId, out var tenant) && EntraCloud.Find(options.Cloud) is { } cloud)
        {
            return new(options.MetadataAddress ?? new Uri($"{cloud.Login}/{tenant}/v2.0{Discovery}"), cloud.IssuersOf(tenant));
        }

        return options.Issuer is { } issuer ? new(options.MetadataAddress ?? new Uri(issuer.OriginalString.TrimEnd('/') + Discovery), [issuer.OriginalString]) : null;
    }

    /// <summary>Whether a name belongs to this issuer, with or without a trailing slash.</summary>
    public bool IsNamed(string issuer) => Names.Any(name => name.AsSpan().TrimEnd('/').SequenceEqual(issuer.AsSpan().TrimEnd('/')));
}
