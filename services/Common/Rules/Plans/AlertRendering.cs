using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders the parts of an alert and records the parts that cannot be rendered. An alert without one part is better than no alert.</summary>
internal sealed class AlertRendering(TemplateModel model)
{
    private readonly List<string> _problems = [];

    /// <summary>The rendering problems, each with the part of the rule; empty if there are none.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Renders a part.</summary>
    /// <returns>The text; null if the rule does not have the part, or if the part cannot be rendered, which is recorded as a problem.</returns>
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

    /// <summary>Renders a part that must have a text, and removes the space around it.</summary>
    /// <returns>
    /// The text; null if the rule does not have the part. Null also if the part cannot be rendered or renders to an empty text, which is recorded as a problem.
    /// </returns>
    public string? RenderRequired(string part, Template? template)
    {
        var text = Render(part, template)?.Trim();
        if (text is not "")
        {
            return text;
        }

        _problems.Add($"{part}: '{template}' rendered to an empty text");
        return null;
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

    /// <summary>Renders a limit. If its key cannot be rendered for an event, the key is empty, as in a limit for the whole rule.</summary>
    public ThrottlePlan? Throttle(AlertThrottle? throttle) => throttle is null ? null : new(throttle.Max, throttle.Per, Render("throttle.key", throttle.Key) ?? "");

    /// <summary>Renders the recipients that depend on the event.</summary>
    /// <param name="part">The key of the recipients: <c>to</c>, <c>cc</c> or <c>bcc</c>.</param>
    /// <param name="recipients">All recipients of the key.</param>
    public List<string> Addresses(string part, Recipients recipients)
    {
        var found = new List<string>();
        foreach (var template in recipients.FromData)
        {
            if (Render(part, template) is not { Length: > 0 } text)
            {
                continue;
            }

            // The problem does not quote the rendered text, because results of actions must not contain addresses.
            if (MailAddresses.Parse(text) is { } addresses)
            {
                found.AddRange(addresses);
            }
            else
            {
                _problems.Add($"{part}: '{template}' did not render to e-mail addresses");
            }
        }

        if (found.Count > Recipients.MaxFromData)
        {
            _problems.Add($"{part}: the event names {found.Count} recipients; the first {Recipients.MaxFromData} are used");
        }

        return [.. found.Take(Recipients.MaxFromData)];
    }
}
