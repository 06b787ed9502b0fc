using System.Diagnostics.CodeAnalysis;

namespace MLEvents.Rules;

/// <summary>A Liquid template (https://shopify.github.io/liquid/). The values of an event are data: template syntax within them is never evaluated.</summary>
/// <remarks>
/// It runs for 2 s (on a starved machine for 20 s, in a second try) and over 1,000 iterations at most, and writes at most 256 Ki characters. It can include no other file.
/// An instance may be used by several threads at once.
/// </remarks>
[SuppressMessage("Naming", "CA1724", Justification = "No code here uses the namespace of that name, ASP.NET Core's route templates.")]
public sealed class Template
{
    private const int MaxOutput = 256 * 1024;

    private readonly LiquidProgram _program;
    private readonly LiquidFilters _filters;
    private readonly IReadOnlyList<string> _outputs;

    private Template(string source, TemplateTarget target, TemplateGuards guards)
    {
        (Source, Target) = (source, target);
        _program = LiquidProgram.Compile(guards.Source);
        _outputs = guards.Outputs;
        _filters = new LiquidFilters(
            new Dictionary<string, Func<object?, object?>> { ["json"] = TemplateWriter.ToJson },
            new Dictionary<string, Func<object?, object?, object?>>
            {
                [TemplateGuards.Require] = Require,
                [TemplateGuards.Write] = (value, output) => TemplateWriter.Value(Require(value, output), target),
            });
    }

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>Where the output goes.</summary>
    public TemplateTarget Target { get; }

    /// <summary>Parses a template.</summary>
    /// <param name="text">The template's text.</param>
    /// <param name="target">Where the output goes.</param>
    /// <param name="extraVariables">Variables that <see cref="TemplateModel.For"/> is given besides its own; null for none.</param>
    /// <exception cref="TemplateException">The text is no template, or it uses an unknown variable, tag or filter.</exception>
    public static Template Parse(string text, TemplateTarget target, IReadOnlyCollection<string>? extraVariables = null)
    {
        var segments = TemplateScanner.Scan(text);
        if (TemplateVocabulary.Problem(segments, extraVariables ?? []) is var (offset, message))
        {
            throw TemplateScanner.Error(text, offset, message);
        }

        try
        {
            return new Template(text, target, TemplateGuards.Add(segments));
        }
        catch (TemplateException e)
        {
            // The engine does not say where it stumbled.
            throw new TemplateException(e.Message, 1, 1);
        }
    }

    /// <summary>Renders the template.</summary>
    /// <exception cref="TemplateException">A variable has no value and no default, the output does not fit the target, or a limit on time or size was passed.</exception>
    public string Render(TemplateModel model) => TemplateWriter.Whole(_program.Run(() => new BoundedWriter(MaxOutput), model.Variables, _filters), Target);

    /// <inheritdoc/>
    public override string ToString() => Source;

    private object Require(object? value, object? output) =>
        value ?? throw new TemplateException($"'{_outputs[Convert.ToInt32(output, null)]}' has no value; a default can be given: {{{{ … | default: '…' }}}}");
}
