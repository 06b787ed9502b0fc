using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MLEvents.Tests.Services.Identity;

/// <summary>Tokens that an attacker creates from a real token.</summary>
public static class HostileTokens
{
    /// <summary>The claims of a token without a signature, with the algorithm <c>none</c>.</summary>
    public static string WithoutSignature(string token) => $"{Header(token, "none")}.{token.Split('.')[1]}.";

    /// <summary>The claims of a token, signed with HS256 and the public key of the provider as the secret.</summary>
    public static string SignedWithPublicKey(string token, string publicKey)
    {
        var text = $"{Header(token, "HS256")}.{token.Split('.')[1]}";
        return $"{text}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(publicKey), Encoding.UTF8.GetBytes(text)))}";
    }

    /// <summary>The claims of a token, signed with a key of the attacker. The key has the id <paramref name="keyId"/>; if this is null, the id of the provider's key.</summary>
    public static string SignedWithOtherKey(string token, string? keyId = null)
    {
        using var rsa = RSA.Create(2048);
        var original = new JsonWebToken(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Subject = new ClaimsIdentity(original.Claims),
            SigningCredentials = new(new RsaSecurityKey(rsa) { KeyId = keyId ?? original.Kid, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } }, SecurityAlgorithms.RsaSha256),
        });
    }

    /// <summary>A token with a claim that was changed after the token was signed.</summary>
    public static string WithChangedClaim(string token, string claim, string value)
    {
        var parts = token.Split('.');
        var payload = JsonNode.Parse(Base64UrlEncoder.Decode(parts[1]))?.AsObject() ?? [];
        payload[claim] = value;
        return $"{parts[0]}.{Base64UrlEncoder.Encode(payload.ToJsonString())}.{parts[2]}";
    }

    private static string Header(string token, string algorithm)
    {
        var header = JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[0]))?.AsObject() ?? [];
        header["alg"] = algorithm;
        return Base64UrlEncoder.Encode(header.ToJsonString());
    }
}
