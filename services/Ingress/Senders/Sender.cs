using System.Security.Cryptography;
using System.Text;

namespace MLEvents.Ingress.Senders;

/// <summary>A sender of events, as the settings describe it.</summary>
internal sealed class Sender(string name, IEnumerable<string> keys, TokenRule? token, IList<string> workspaces)
{
    /// <summary>The name of the sender that the <c>Ingress</c> section itself describes.</summary>
    public const string DefaultName = "default";

    private readonly byte[][] _keys = [.. keys.Select(Hash)];

    public string Name => name;

    /// <summary>The rule that identifies the sender's tokens; null if no token identifies the sender.</summary>
    public TokenRule? Token => token;

    /// <summary>The workspaces whose events the sender may send; all if empty.</summary>
    public IList<string> Workspaces => workspaces;

    /// <summary>
    /// Whether a key belongs to the sender. All keys are hashed to one length and compared, so that the time of the comparison does not depend on the keys.
    /// </summary>
    public bool HasKey(string given)
    {
        var (hash, found) = (Hash(given), false);
        foreach (var key in _keys)
        {
            found |= CryptographicOperations.FixedTimeEquals(hash, key);
        }

        return found;
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
