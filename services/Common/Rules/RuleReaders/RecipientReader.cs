using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads e-mail recipients.</summary>
internal static class RecipientReader
{
    /// <summary>Reads the addresses of a key. A string can contain several addresses, separated by commas or semicolons.</summary>
    public static List<string> Read(MapReader keys, string key) => [.. keys.Texts(key).SelectMany(text => Addresses(text, keys.Reading))];

    /// <summary>Reads the addresses of a key that may hold templates too.</summary>
    /// <param name="keys">The mapping.</param>
    /// <param name="key">The key.</param>
    /// <param name="extra">Variables that the templates may use besides those of every event.</param>
    public static Recipients ReadWithTemplates(MapReader keys, string key, IReadOnlyCollection<string> extra)
    {
        var written = keys.Texts(key).ToLookup(text => IsTemplate(text.Value));
        var templates = written[true].Select(text => keys.Reading.Inline(text, TemplateTarget.Argument, extra)).OfType<Template>();
        return new([.. written[false].SelectMany(text => Addresses(text, keys.Reading))], [.. templates]);
    }

    private static bool IsTemplate(string text) => text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal);

    private static IReadOnlyList<string> Addresses(YamlText written, RuleParseContext reading)
    {
        if (MailAddresses.Parse(written.Value) is { Count: > 0 } addresses)
        {
            return addresses;
        }

        reading.Add(written, $"'{written.Value}' is not an e-mail address; write 'name@example.com' or 'Name <name@example.com>'");
        return [];
    }
}
