using System.Text.Encodings.Web;
using System.Text.Unicode;

using Fluid;
using Fluid.Ast;
using Fluid.Parser;

namespace MLEvents.Rules.Templates;

/// <summary>A parsed Liquid template, ready to run.</summary>
internal sealed class LiquidProgram
{
    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly Dictionary<TemplateTarget, TemplateOptions> Options =
        Enum.GetValues<TemplateTarget>().ToDictionary(target => target, target => TemplateFilters.Options(target, EncoderOf(target)));

    private readonly FluidTemplate _template;

    private LiquidProgram(FluidTemplate template, bool usesPrevious, bool isConstant) =>
        (_template, UsesPrevious, IsConstant) = (template, usesPrevious, isConstant);

    /// <summary>Whether the template is plain text, without outputs and tags.</summary>
    public bool IsConstant { get; }

    /// <summary>Whether the template uses the earlier events of the chain.</summary>
    public bool UsesPrevious { get; }

    /// <summary>Parses and checks a template.</summary>
    /// <param name="text">The text of the template.</param>
    /// <param name="extraVariables">Variables that the template may use in addition to those of every event.</param>
    /// <exception cref="TemplateException">The text is not Liquid, or uses an unknown word.</exception>
    public static LiquidProgram Compile(string text, IReadOnlyCollection<string> extraVariables)
    {
        var (template, source) = LiquidSource.Parse(text);
        var roots = TemplateValidator.Check(template.Statements, source, extraVariables);
        return new LiquidProgram(StrictOutputRewriter.Add(template, source), roots.Contains(TemplateModel.PreviousRoot), template.Statements.All(statement => statement is TextSpanStatement));
    }

    /// <summary>Runs the template.</summary>
    /// <exception cref="TemplateException">The run fails, or exceeds a limit.</exception>
    public string Run(IReadOnlyDictionary<string, object?> variables, TemplateTarget target)
    {
        using var output = new BoundedWriter(TemplateRun.TextLimit);
        var run = new TemplateRun(variables, Options[target], target);
        try
        {
            // No part of a template is asynchronous, so the task is complete when the call returns.
            _template.RenderAsync(output, EncoderOf(target), run).AsTask().GetAwaiter().GetResult();
            return output.ToString();
        }
        catch (Exception exception) when (exception is not TemplateException and not OutOfMemoryException)
        {
            throw new TemplateException(run.IsOutOfSteps ? $"it runs more than {TemplateRun.StepLimit} steps; use shorter loops, or fewer loops within loops" : exception.Message, exception);
        }
    }

    private static TextEncoder EncoderOf(TemplateTarget target) => target switch
    {
        TemplateTarget.Html => Html,
        TemplateTarget.Json => JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        _ => NullEncoder.Default,
    };
}
