using System.Text.RegularExpressions;

namespace MLEvents.Dashboard.Tests;

/// <summary>Creates forms with the antiforgery token of a page, as a browser posts them.</summary>
internal static partial class AntiforgeryForm
{
    private const string TokenField = "__RequestVerificationToken";

    /// <summary>The antiforgery token of a page; null if the page contains none.</summary>
    public static string? FindToken(string page) => TokenInput().Match(page) is { Success: true } input ? input.Groups[1].Value : null;

    /// <summary>Creates a form with the token of a page. Without a token in the page, the token of the form is empty.</summary>
    public static FormUrlEncodedContent CreateFor(string page, params IEnumerable<(string Name, string Value)> fields) => Create(FindToken(page) ?? "", fields);

    /// <summary>Creates a form with a token.</summary>
    public static FormUrlEncodedContent Create(string token, IEnumerable<(string Name, string Value)> fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)).Prepend(KeyValuePair.Create(TokenField, token)));

    [GeneratedRegex($"""name="{TokenField}" value="([^"]+)""")]
    private static partial Regex TokenInput();
}
