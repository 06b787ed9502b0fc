using System.Text.RegularExpressions;

using Azure.Core;

namespace MLEvents.AzureML.Connection;

/// <summary>
/// The ARM id of a resource in a resource group. Every segment is checked, so that a path built from an id reaches only that resource:
/// an id contains no dot segments, backslashes, queries, fragments, escapes or control characters.
/// </summary>
internal sealed partial class ArmId : IEquatable<ArmId>
{
    private readonly string _text;

    private ArmId(string text)
    {
        _text = text;
        Identifier = new ResourceIdentifier(text);
    }

    /// <summary>The id as a type of the Azure SDK.</summary>
    public ResourceIdentifier Identifier { get; }

    /// <summary>The last segment.</summary>
    public string Name => Identifier.Name;

    /// <summary>Parses an id.</summary>
    /// <exception cref="ArgumentException">The text is not the ARM id of a resource in a resource group.</exception>
    public static ArmId Parse(string text) => Shape().IsMatch(text)
        ? new ArmId(text)
        : throw new ArgumentException($"'{Printable(text)}' is not a valid ARM id; expected /subscriptions/<guid>/resourceGroups/<name>/providers/<namespace>/<type>/<name>.", nameof(text));

    /// <summary>The id of a resource below this one.</summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public ArmId Child(string type, string name) => Shape().IsMatch($"{_text}/{type}/{name}") && !name.Contains('/', StringComparison.Ordinal)
        ? new ArmId($"{_text}/{type}/{name}")
        : throw new ArgumentException($"'{Printable(name)}' is not a valid name for a resource of type {type}.", nameof(name));

    public bool Equals(ArmId? other) => string.Equals(_text, other?._text, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as ArmId);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_text);

    public override string ToString() => _text;

    private static string Printable(string text) => string.Concat(text.Take(300).Select(character => char.IsControl(character) ? '\uFFFD' : character));

    // Resource group names have up to 90 characters and do not end with a dot. Names in Data Factory may contain spaces.
    [GeneratedRegex(
        """
        \A/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}
        /resourceGroups/[\w\-.()]{0,89}[\w\-()]
        /providers/[a-z][a-z0-9]{0,63}(\.[a-z][a-z0-9]{0,63}){1,3}
        (/[a-z]{1,63}/(?!\.{1,2}(/|\z))[\w\-.()]([\w\-.()\x20]{0,253}[\w\-.()])?){1,5}\z
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
