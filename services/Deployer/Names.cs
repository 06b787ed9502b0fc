using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Deployer;

/// <summary>Names of endpoints and deployments: 3 to 32 letters, digits and hyphens, first a letter, last a letter or digit.</summary>
internal static partial class Names
{
    private const int Longest = 32;
    private const int IdDigits = 8;

    /// <summary>The deployment of a model version by an action: the version for people, the action's id so that a repeated step finds its own.</summary>
    public static string Deployment(string version, string actionId)
    {
        var readable = Foreign().Replace(version.ToLowerInvariant(), "-");
        var room = Longest - IdDigits - 2;
        return $"m{readable[..Math.Min(readable.Length, room)].Trim('-')}-{actionId[..IdDigits]}";
    }

    /// <summary>The deployment of an action that an operator retried: the planned name with digits of its generation.</summary>
    public static string Again(string planned, string remoteId) =>
        $"{planned[..^IdDigits]}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(remoteId)))[..IdDigits]}";

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Foreign();
}
