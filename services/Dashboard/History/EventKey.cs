using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using MLEvents.Events;

namespace MLEvents.Dashboard.History;

/// <summary>Creates the key of an event from its source and id, for use in addresses.</summary>
internal static class EventKey
{
    private const int Bytes = 12;

    /// <summary>Returns 24 characters of 0-9 and a-f. The letter case of an ARM id is ignored.</summary>
    public static string From(string source, string id)
    {
        // The length of the source makes the text unique. Without the length, different pairs of source and id could give the same text.
        var normalized = ArmId.Normalize(source);
        var text = string.Create(CultureInfo.InvariantCulture, $"{normalized.Length}:{normalized}{id}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, Bytes));
    }
}
