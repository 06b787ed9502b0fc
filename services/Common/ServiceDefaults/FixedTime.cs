using System.Security.Cryptography;
using System.Text;

namespace MLEvents.ServiceDefaults;

/// <summary>Compares secrets in a time that does not depend on their content.</summary>
internal static class FixedTime
{
    /// <summary>Whether two texts are equal.</summary>
    public static bool AreEqual(string one, string other) => CryptographicOperations.FixedTimeEquals(Hash(one), Hash(other));

    // Both texts are hashed to one length, so that the time of the comparison does not depend on the length of the secret.
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
