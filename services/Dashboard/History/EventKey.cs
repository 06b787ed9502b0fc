using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using MLEvents.Events;

namespace MLEvents.Dashboard.History;

/// <summary>The identity of an event, source + id, in a form that fits into an address.</summary>
internal static class EventKey
{
    private const int Bytes = 12;

    /// <summary>24 characters of 0-9 and a-f. The case of an ARM id does not matter.</summary>
    public static string From(string source, string id)
    {
        // The length before the source keeps two pairs with the same concatenation apart.
        var normalized = ArmId.Normalize(source);
        var text = string.Create(CultureInfo.InvariantCulture, $"{normalized.Length}:{normalized}{id}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, Bytes));
    }
}
