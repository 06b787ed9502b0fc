using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>The recipients that one key of a rule names.</summary>
/// <param name="Fixed">Addresses that the rule itself names.</param>
/// <param name="FromData">Templates, each of which renders to addresses with commas, semicolons or line breaks between them, or to nothing.</param>
public sealed record Recipients(IReadOnlyList<string> Fixed, IReadOnlyList<Template> FromData)
{
    /// <summary>Most addresses that the templates of one key may render to.</summary>
    public const int MostFromData = 50;

    /// <summary>No recipients.</summary>
    public static Recipients None { get; } = new([], []);

    /// <summary>Whether a template looks at <c>previous</c>.</summary>
    public bool UsesPrevious => FromData.Any(template => template.UsesPrevious);
}
