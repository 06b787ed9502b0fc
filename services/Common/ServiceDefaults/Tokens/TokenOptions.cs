using MLEvents.Events;

namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>Settings that decide which tokens of an OpenID Connect issuer are accepted.</summary>
public class TokenOptions
{
    /// <summary>The id of a Microsoft Entra tenant, a GUID. It sets the issuers and the metadata address. Default none.</summary>
    public string? TenantId { get; set; }

    /// <summary>The tenant's cloud: AzurePublicCloud, AzureUSGovernment or AzureChinaCloud. Default AzurePublicCloud.</summary>
    public string? Cloud { get; set; }

    /// <summary>The issuer, for an issuer other than Microsoft Entra: an https address, or http on this machine. Default none.</summary>
    public Uri? Issuer { get; set; }

    /// <summary>Address of the issuer's metadata. Default <c>/.well-known/openid-configuration</c> of the issuer.</summary>
    public Uri? MetadataAddress { get; set; }

    /// <summary>
    /// The accepted audiences: the application id or the application id URI of the API. If an issuer is set, at least one audience is required.
    /// In <c>Ingress:Senders:NAME:Token</c>, the default is the audiences of <c>Ingress:Token</c>.
    /// </summary>
    public IList<string> Audiences { get; } = [];

    /// <summary>The longest difference between the clocks of issuer and service, 0 to 5 min. Default 1 min.</summary>
    [TimeRange("00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether an issuer is set.</summary>
    public bool HasIssuer => !string.IsNullOrWhiteSpace(TenantId) || Issuer is not null;

    /// <summary>Finds the errors in the settings.</summary>
    /// <param name="section">The configuration section, for the messages.</param>
    /// <param name="requireAudience">Whether an issuer without audiences is an error.</param>
    public IEnumerable<string> FindErrors(string section, bool requireAudience = true)
    {
        if (!string.IsNullOrWhiteSpace(TenantId) && Issuer is not null)
        {
            yield return $"{section}:TenantId and {section}:Issuer are both set; remove one of them.";
        }

        if (!string.IsNullOrWhiteSpace(TenantId) && !Guid.TryParse(TenantId, out _))
        {
            yield return $"{section}:TenantId is '{TenantId}', which is not a GUID; use the tenant's id, not its domain name.";
        }

        if (Cloud is not null && EntraCloud.Find(Cloud) is null)
        {
            yield return $"{section}:Cloud is '{Cloud}'; expected one of: {string.Join(", ", EntraCloud.Names)}.";
        }

        foreach (var (name, address) in new[] { (nameof(Issuer), Issuer), (nameof(MetadataAddress), MetadataAddress) })
        {
            if (address is not null && !SecureAddress.IsSecure(address))
            {
                yield return $"{section}:{name} is '{address}'; it must be an https address, or http on this machine.";
            }
        }

        if (requireAudience && HasIssuer && Audiences.All(string.IsNullOrWhiteSpace))
        {
            yield return $"{section}:Audiences is empty; set {section}:Audiences:0 to the application id of the API that the tokens are issued for.";
        }
    }
}
