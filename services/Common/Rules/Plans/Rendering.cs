using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders templates so that an error names the part of the rule that holds the template.</summary>
internal static class Rendering
{
    public static string Rendered(this TemplateModel model, string what, Template template)
    {
        try
        {
            return template.Render(model);
        }
        catch (TemplateException exception)
        {
            throw new TemplateException($"{what}: {exception.Message}", exception);
        }
    }

    public static Dictionary<string, string> Rendered(this TemplateModel model, string what, IReadOnlyDictionary<string, Template> templates) =>
        templates.ToDictionary(entry => entry.Key, entry => model.Rendered($"{what} '{entry.Key}'", entry.Value));
}
