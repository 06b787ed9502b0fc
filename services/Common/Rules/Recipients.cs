using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>The recipients that one key of a rule names.</summary>
/// <param name="Fixed">Addresses that the rule itself names.</param>
/// <param name="FromData">Templates that render to addresses separated by commas, semicolons or line breaks, or to an empty text.</param>
public sealed record Recipients(IReadOnlyList<string> Fixed, IReadOnlyList<Template> FromData)
{
    /// <summary>The largest number of addresses that are used from the templates of one key. Further addresses are left out.</summary>
    public const int MaxFromData = 50;

    /// <summary>No recipients.</summary>
    public static Recipients None { get; } = new([], []);

    /// <summary>Whether a template uses <c>previous</c>.</summary>
    public bool UsesPrevious => FromData.Any(template => template.UsesPrevious);
}
