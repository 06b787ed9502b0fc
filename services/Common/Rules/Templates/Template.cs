using System.Diagnostics.CodeAnalysis;

namespace MLEvents.Rules.Templates;

/// <summary>A Liquid template (https://shopify.github.io/liquid/). The values of an event are data: template syntax within them is never evaluated.</summary>
/// <remarks>
/// A template runs at most 20,000 statements and writes at most 256 Ki characters. A range has at most 1,000 numbers.
/// A filter produces at most 256 Ki characters, and all filters of a run process at most 16 Mi characters.
/// A template cannot include other files. An instance may be used by several threads at once.
/// </remarks>
[SuppressMessage("Naming", "CA1724", Justification = "No code here uses ASP.NET Core's namespace of the same name, which is for route templates.")]
public sealed class Template
{
    private readonly LiquidProgram _program;

    private Template(string source, TemplateTarget target, LiquidProgram program) => (Source, Target, _program) = (source, target, program);

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>The target of the output.</summary>
    public TemplateTarget Target { get; }

    /// <summary>Whether the template uses <c>previous</c>, the events that came before in the same chain.</summary>
    public bool UsesPrevious => _program.UsesPrevious;

    /// <summary>Whether the template is plain text, so that it renders to the same text for every event.</summary>
    public bool IsConstant => _program.IsConstant;

    /// <summary>Parses a template.</summary>
    /// <param name="text">The template's text.</param>
    /// <param name="target">The target of the output.</param>
    /// <param name="extraVariables">The names of variables that the template may use in addition to those of every event; null for none.</param>
    /// <exception cref="TemplateException">The text is not a template, or it uses an unknown variable, tag or filter.</exception>
    public static Template Parse(string text, TemplateTarget target, IReadOnlyCollection<string>? extraVariables = null) =>
        new(text, target, LiquidProgram.Compile(text, extraVariables ?? []));

    /// <summary>Renders the template.</summary>
    /// <exception cref="TemplateException">A variable has no value and no default, the output does not fit the target, or a limit on work or size was exceeded.</exception>
    public string Render(TemplateModel model) => TemplateWriter.Whole(_program.Run(model.Variables, Target), Target);

    /// <inheritdoc/>
    public override string ToString() => Source;
}
