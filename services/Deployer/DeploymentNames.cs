using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Deployer;

/// <summary>Creates deployment names that Azure accepts: 3 to 32 letters, digits and hyphens, starting with a letter and ending with a letter or digit.</summary>
internal static partial class DeploymentNames
{
    private const int MaxLength = 32;
    private const int IdDigits = 8;

    /// <summary>The deployment name of an action. It contains the model version for readers, and the start of the action's id, by which a repeated step finds its own deployment.</summary>
    public static string Create(string version, string actionId)
    {
        var readable = InvalidCharacters().Replace(version.ToLowerInvariant(), "-");
        var maxReadable = MaxLength - IdDigits - 2;
        return $"m{readable[..Math.Min(readable.Length, maxReadable)].Trim('-')}-{actionId[..IdDigits]}";
    }

    /// <summary>The deployment name after an operator's retry: the planned name with other digits at its end, derived from the remote id of the generation.</summary>
    public static string CreateForRetry(string planned, string remoteId) =>
        $"{planned[..^IdDigits]}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(remoteId)))[..IdDigits]}";

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex InvalidCharacters();
}
