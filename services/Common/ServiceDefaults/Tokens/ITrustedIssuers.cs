namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>Names the issuers whose tokens a service accepts.</summary>
public interface ITrustedIssuers
{
    /// <summary>The issuers in the current settings.</summary>
    IEnumerable<TokenIssuer> Issuers { get; }
}
