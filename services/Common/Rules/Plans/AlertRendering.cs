using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders the parts of one alert and notes those that cannot be rendered: an alert without one of its parts is better than no alert.</summary>
internal sealed class AlertRendering(TemplateModel model)
{
    private readonly List<string> _problems = [];

    /// <summary>What could not be rendered, each problem with the part of the rule; empty if all could.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Renders a part.</summary>
    /// <returns>The text; null if the rule does not have the part, or it cannot be rendered, which is noted.</returns>
    public string? Render(string part, Template? template)
    {
        try
        {
            return template is null ? null : model.Rendered(part, template);
        }
        catch (TemplateException exception)
        {
            _problems.Add(exception.Message);
            return null;
        }
    }

    /// <summary>Renders named parts.</summary>
    public IReadOnlyDictionary<string, string> Render(string part, IReadOnlyDictionary<string, Template> templates)
    {
        var rendered = new Dictionary<string, string>(templates.Count);
        foreach (var (name, template) in templates)
        {
            if (Render($"{part} '{name}'", template) is { } text)
            {
                rendered[name] = text;
            }
        }

        return rendered;
    }

    /// <summary>Renders a limit. An event for which its key cannot be rendered is counted with the rest of the rule.</summary>
    public ThrottlePlan? Throttle(AlertThrottle? throttle) => throttle is null ? null : new(throttle.Max, throttle.Per, Render("throttle.key", throttle.Key) ?? "");

    /// <summary>Renders the recipients of a key that depend on the event.</summary>
    public List<string> Addresses(string part, Recipients recipients)
    {
        var found = new List<string>();
        foreach (var template in recipients.FromData)
        {
            if (Render(part, template) is not { Length: > 0 } text)
            {
                continue;
            }

            // The text is not quoted: results of actions name no addresses.
            if (MailAddresses.Parse(text) is { } addresses)
            {
                found.AddRange(addresses);
            }
            else
            {
                _problems.Add($"{part}: '{template}' did not render to e-mail addresses");
            }
        }

        if (found.Count > Recipients.MostFromData)
        {
            _problems.Add($"{part}: the event names {found.Count} recipients; the first {Recipients.MostFromData} are used");
        }

        return [.. found.Take(Recipients.MostFromData)];
    }
}
