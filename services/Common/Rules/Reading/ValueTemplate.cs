using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Reading;

/// <summary>A value of any JSON type whose strings are templates.</summary>
public sealed class ValueTemplate
{
    private readonly Func<TemplateModel, JsonNode?> _render;

    private ValueTemplate(Func<TemplateModel, JsonNode?> render) => _render = render;

    /// <summary>Renders the value.</summary>
    /// <exception cref="TemplateException">A template cannot be rendered.</exception>
    public JsonNode? Render(TemplateModel model) => _render(model);

    /// <summary>Reads a value of a rule file. An invalid template is recorded as an error and replaced by null.</summary>
    internal static ValueTemplate Parse(YamlNode node, RuleParseContext reading)
    {
        switch (node)
        {
            case YamlMap map:
                var members = map.Entries.Select(entry => (entry.Key.Value, Template: Parse(entry.Value, reading))).ToList();
                return new(model => new JsonObject(members.Select(member => KeyValuePair.Create(member.Value, member.Template.Render(model)))));
            case YamlList list:
                var items = list.Items.Select(item => Parse(item, reading)).ToList();
                return new(model => new JsonArray([.. items.Select(item => item.Render(model))]));
            case YamlText text when YamlJson.ToJson(text) is JsonValue value && value.GetValueKind() == JsonValueKind.String:
                return reading.Inline(text, TemplateTarget.Argument) is { } template ? new(model => template.Render(model)) : new(_ => null);
            default:
                return new(_ => YamlJson.ToJson(node));
        }
    }
}
