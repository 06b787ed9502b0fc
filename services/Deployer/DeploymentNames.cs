using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Deployer;

/// <summary>DeploymentNames of endpoints and deployments: 3 to 32 letters, digits and hyphens, starting with a letter, ending with a letter or digit.</summary>
internal static partial class DeploymentNames
{
    private const int Longest = 32;
    private const int IdDigits = 8;

    /// <summary>The deployment name of an action's model version. It contains the version for people, and the action's id so that a repeated step finds its own deployment.</summary>
    public static string Deployment(string version, string actionId)
    {
        var readable = Foreign().Replace(version.ToLowerInvariant(), "-");
        var room = Longest - IdDigits - 2;
        return $"m{readable[..Math.Min(readable.Length, room)].Trim('-')}-{actionId[..IdDigits]}";
    }

    /// <summary>The deployment name of an action that an operator retried: the planned name, ending with digits derived from its generation.</summary>
    public static string Again(string planned, string remoteId) =>
        $"{planned[..^IdDigits]}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(remoteId)))[..IdDigits]}";

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Foreign();
}
