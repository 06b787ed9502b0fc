using System.Globalization;
using System.Security.Claims;
using System.Text.Json;

using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>Checks the signature, issuer, audience and lifetime of tokens.</summary>
public sealed class TokenValidator
{
    private const int MaxLength = 16 * 1024;

    // Only asymmetric algorithms are allowed. With a symmetric algorithm, a sender could use the public key as the secret (key confusion).
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxLength };
    private readonly SigningKeyStore _keys;
    private readonly TimeProvider _time;

    internal TokenValidator(SigningKeyStore keys, TimeProvider time) => (_keys, _time) = (keys, time);

    /// <summary>The issuer that a token names. The token is not verified. Null if the text is not a token.</summary>
    public string? ReadIssuer(string token)
    {
        try
        {
            return _tokens.CanReadToken(token) ? _tokens.ReadJsonWebToken(token).Issuer : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or JsonException or SecurityTokenException)
        {
            return null;
        }
    }

    /// <summary>Checks a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="issuer">The issuer that the token must have.</param>
    /// <param name="audiences">The accepted audiences; the token must have one of them.</param>
    /// <param name="clockSkew">The longest difference between the clocks.</param>
    /// <param name="cancellationToken">Cancels the wait for keys.</param>
    public async Task<TokenResult> ValidateAsync(string token, TokenIssuer issuer, IEnumerable<string> audiences, TimeSpan clockSkew, CancellationToken cancellationToken)
    {
        if (ReadIssuer(token) is not { } named)
        {
            return TokenResult.Refuse("It is not a JSON Web Token.");
        }

        if (!issuer.IsNamed(named))
        {
            return TokenResult.Refuse($"Its issuer '{DisplayText.Shorten(named)}' is not trusted.");
        }

        try
        {
            var keys = await FindKeysAsync(_tokens.ReadJsonWebToken(token), _keys.For(issuer), cancellationToken);
            var result = await _tokens.ValidateTokenAsync(token, Rules(issuer, audiences, clockSkew, keys));
            return result.IsValid ? TokenResult.Accept(result.ClaimsIdentity) : TokenResult.Refuse(Explain(result.Exception));
        }
        catch (SigningKeysUnavailableException exception)
        {
            return TokenResult.Undecided(exception.Message);
        }
    }

    private static async ValueTask<KeySet> FindKeysAsync(JsonWebToken token, SigningKeys keys, CancellationToken cancellationToken)
    {
        var known = await keys.GetAsync(cancellationToken);

        // The keys are not read again for a token that cannot be valid.
        return Algorithms.Contains(token.Alg) && !known.Contains(token.Kid) ? await keys.RenewAsync(known, cancellationToken) : known;
    }

    private TokenValidationParameters Rules(TokenIssuer issuer, IEnumerable<string> audiences, TimeSpan clockSkew, KeySet keys) => new()
    {
        IssuerValidator = (named, _, _) => issuer.IsNamed(named) ? named : throw new SecurityTokenInvalidIssuerException(),
        ValidAudiences = audiences,
        IssuerSigningKeys = keys.Keys,
        ValidAlgorithms = Algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        LifetimeValidator = (from, until, _, _) => IsCurrent(from, until, clockSkew),
    };

    private bool IsCurrent(DateTime? from, DateTime? until, TimeSpan clockSkew)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return until is { } end && now < end + clockSkew && (from is not { } begin || now >= begin - clockSkew);
    }

    private string Explain(Exception? exception) => exception switch
    {
        SecurityTokenInvalidAudienceException audience => $"Its audience '{DisplayText.Shorten(audience.InvalidAudience)}' is not accepted.",
        SecurityTokenInvalidIssuerException => "Its issuer is not trusted.",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException =>
            $"It is expired or not valid yet; the time here is {_time.GetUtcNow().ToString("u", CultureInfo.InvariantCulture)}.",
        SecurityTokenInvalidAlgorithmException => "Its algorithm is not accepted.",
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException => "Its signature is not valid.",
        _ => "It is not a valid token.",
    };
}

/// <summary>The result of a check.</summary>
/// <param name="Identity">The token's claims; null if the token is not valid.</param>
/// <param name="Reason">The reason why the token is not accepted; null if the token is accepted.</param>
/// <param name="IsUndecided">Whether the signing keys were not available, so that the request must be repeated later.</param>
public sealed record TokenResult(ClaimsIdentity? Identity, string? Reason, bool IsUndecided)
{
    internal static TokenResult Accept(ClaimsIdentity identity) => new(identity, null, IsUndecided: false);

    internal static TokenResult Refuse(string reason) => new(null, reason, IsUndecided: false);

    internal static TokenResult Undecided(string reason) => new(null, reason, IsUndecided: true);
}
