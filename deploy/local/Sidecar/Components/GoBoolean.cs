namespace MLEvents.Local.Sidecar.Components;

/// <summary>Settings that are true or false, as Dapr reads them.</summary>
internal static class GoBoolean
{
    /// <summary>Whether a value is true. As in daprd, 1, t, true, y, yes and on (case-insensitive) are true; other values are false.</summary>
    public static bool IsTrue(string text) => text.Trim().ToUpperInvariant() is "1" or "T" or "TRUE" or "Y" or "YES" or "ON";
}
