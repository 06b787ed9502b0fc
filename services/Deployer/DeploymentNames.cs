using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Deployer;

/// <summary>Creates deployment names that Azure accepts: 3 to 32 letters, digits and hyphens, starting with a letter and ending with a letter or digit.</summary>
internal static partial class DeploymentNames
{
    private const int MaxLength = 32;
    private const int IdDigits = 8;

    /// <summary>
    /// The deployment name of an action. For people, it contains the planned model version, shortened and without the characters that Azure refuses. It ends
    /// with the first digits of the action's id. A repeated step finds its own deployment by these digits.
    /// </summary>
    public static string Create(string version, string actionId)
    {
        var readable = InvalidCharacters().Replace(version.ToLowerInvariant(), "-");
        var maxReadable = MaxLength - IdDigits - 2;
        return $"m{readable[..Math.Min(readable.Length, maxReadable)].Trim('-')}-{actionId[..IdDigits]}";
    }

    /// <summary>
    /// The deployment name after an operator's retry: the planned name, whose last 8 digits are replaced with a hash of <paramref name="remoteId"/>.
    /// </summary>
    public static string CreateForRetry(string planned, string remoteId) =>
        $"{planned[..^IdDigits]}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(remoteId)))[..IdDigits]}";

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex InvalidCharacters();
}
