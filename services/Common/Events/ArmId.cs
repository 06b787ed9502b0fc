using System.Buffers;

namespace MLEvents.Events;

/// <summary>Normalizes Azure Resource Manager ids, which are case-insensitive, so that equal ids have equal text.</summary>
public static class ArmId
{
    private const string Prefix = "/subscriptions/";
    private static readonly SearchValues<char> Characters = SearchValues.Create("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._()~");

    /// <summary>Returns the form of an ARM id that is used in event keys, action ids, deduplication keys and lock names: lower case, without a trailing slash.</summary>
    /// <param name="text">An event's source, or another text that may be an ARM id.</param>
    /// <returns>The normalized id; <paramref name="text"/> unchanged if it does not start with <c>/subscriptions/</c>.</returns>
    public static string Normalize(string text) => text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        ? System.Globalization.CultureInfo.InvariantCulture.TextInfo.ToLower(text.TrimEnd('/'))
        : text;

    /// <summary>Normalizes a value, such as a key or a part of a key, if the whole value is an ARM id. A value that only begins with an ARM id, such as an ARM id followed by other text, is not changed.</summary>
    /// <param name="text">A value of an event, or the result of a template.</param>
    /// <returns>
    /// The normalized id; <paramref name="text"/> unchanged if it is not an ARM id. An ARM id begins with the segment <c>subscriptions</c>. Its segments form pairs and contain only
    /// ASCII letters, digits and <c>-._()~</c>.
    /// </returns>
    public static string NormalizeWhole(string text) => IsWhole(text.AsSpan().TrimEnd('/')) ? Normalize(text) : text;

    // The segments of an ARM id form pairs: a type and a name, or 'providers' and a namespace.
    private static bool IsWhole(ReadOnlySpan<char> text) =>
        text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && !text.ContainsAnyExcept(Characters)
        && !text.Contains("//", StringComparison.Ordinal)
        && text.Count('/') % 2 == 0;
}
