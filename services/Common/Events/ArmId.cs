using System.Buffers;

namespace MLEvents.Events;

/// <summary>Compares Azure Resource Manager ids, which ignore case.</summary>
public static class ArmId
{
    private const string Prefix = "/subscriptions/";
    private static readonly SearchValues<char> Characters = SearchValues.Create("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._()~");

    /// <summary>The form of an ARM id that identities, deduplication keys and lock names use: lower case, without a trailing slash.</summary>
    /// <param name="text">An event's source, or another text that may be an ARM id.</param>
    /// <returns>The normalized id; <paramref name="text"/> unchanged if it does not start with <c>/subscriptions/</c>.</returns>
    public static string Normalize(string text) => text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        ? System.Globalization.CultureInfo.InvariantCulture.TextInfo.ToLower(text.TrimEnd('/'))
        : text;

    /// <summary>Normalizes a key or a part of one if the whole value is an ARM id. A value that only begins with an ARM id, such as an id and a sentence, is not changed.</summary>
    /// <param name="text">A value of an event, or the result of a template.</param>
    /// <returns>The normalized id; <paramref name="text"/> unchanged if it is not an ARM id. An ARM id consists of pairs of segments of ASCII letters, digits and <c>-._()~</c>; the first segment is <c>subscriptions</c>.</returns>
    public static string NormalizeWhole(string text) => IsWhole(text.AsSpan().TrimEnd('/')) ? Normalize(text) : text;

    // Every segment of an ARM id is one of a pair: a type and a name, or 'providers' and a namespace.
    private static bool IsWhole(ReadOnlySpan<char> text) =>
        text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && !text.ContainsAnyExcept(Characters)
        && !text.Contains("//", StringComparison.Ordinal)
        && text.Count('/') % 2 == 0;
}
