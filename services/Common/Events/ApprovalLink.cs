using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MLEvents.Events;

/// <summary>
/// A signed link. Until the link expires, one recipient can use it to decide one question. The notifier signs the link, and the service of the action verifies it with the same key.
/// No event, record or log contains the link.
/// </summary>
/// <param name="ActionId">The action.</param>
/// <param name="Generation">The action's generation.</param>
/// <param name="Recipient">The address that the link was sent to; it is recorded as the person who decided.</param>
/// <param name="ExpiresAt">When the link expires, in whole seconds.</param>
public sealed record ApprovalLink(string ActionId, int Generation, string Recipient, DateTimeOffset ExpiresAt)
{
    /// <summary>The shortest key, in characters.</summary>
    public const int MinKeyLength = 32;

    /// <summary>The path of the page of a question below the public address of its service.</summary>
    public static string PathOf(string actionId, int generation) => string.Create(CultureInfo.InvariantCulture, $"approve/{actionId}/{generation}");

    /// <summary>The query of the link: recipient, expiry and signature.</summary>
    public string Sign(string key) => string.Create(
        CultureInfo.InvariantCulture, $"?to={Uri.EscapeDataString(Recipient)}&until={ExpiresAt.ToUnixTimeSeconds()}&sig={Signature(key)}");

    /// <summary>Whether a signature belongs to this link.</summary>
    public bool IsSignedBy(string key, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Signature(key)), Encoding.UTF8.GetBytes(signature));

    // The length precedes each part, so that different links have different texts.
    private string Signature(string key)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"approval-link\n{ActionId.Length}:{ActionId}\n{Generation}\n{Recipient.Length}:{Recipient}\n{ExpiresAt.ToUnixTimeSeconds()}");
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text)));
    }
}
