namespace MLEvents.Events;

/// <summary>Compares Azure Resource Manager ids, which ignore case.</summary>
public static class ArmId
{
    private const string Prefix = "/subscriptions/";

    /// <summary>The form of an ARM id that identities, deduplication keys and lock names use: lower case, without a trailing slash.</summary>
    /// <param name="text">An event's source, or another text that may be an ARM id.</param>
    /// <returns>The normalized id; <paramref name="text"/> unchanged if it does not start with <c>/subscriptions/</c>.</returns>
    public static string Normalize(string text) => text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        ? System.Globalization.CultureInfo.InvariantCulture.TextInfo.ToLower(text.TrimEnd('/'))
        : text;
}
