using Fluid;
using Fluid.Ast;
using Fluid.Values;

namespace MLEvents.Rules.Templates;

/// <summary>A value that must exist.</summary>
/// <param name="inner">Evaluates to the value.</param>
/// <param name="text">The output that contains the value, as the author of the template wrote it.</param>
internal sealed class RequiredValue(Expression inner, string text) : Expression
{
    /// <inheritdoc/>
    public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
    {
        var value = await inner.EvaluateAsync(context);
        return value.IsNil() ? throw Missing(text) : value;
    }

    /// <summary>The error of an output that has no value.</summary>
    public static TemplateException Missing(string text) => new($"'{text}' has no value; a default can be given: {{{{ … | default: '…' }}}}");
}

/// <summary>
/// A value in an output. It must exist. The items of a list are separated by commas, and an object is written as JSON.
/// Fluid itself would write the items without a separator, and would omit the object.
/// </summary>
/// <param name="inner">Evaluates to the value.</param>
/// <param name="text">The output, as the author of the template wrote it.</param>
internal sealed class OutputValue(Expression inner, string text) : Expression
{
    /// <inheritdoc/>
    public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
    {
        var value = await inner.EvaluateAsync(context);
        var shown = value.IsNil() ? throw RequiredValue.Missing(text)
            : value.Type is FluidValues.Array or FluidValues.Dictionary ? StringValue.Create(TextOf(value, context))
            : value;
        return shown.Type == FluidValues.String && ((TemplateRun)context).Target == TemplateTarget.Text ? StringValue.Create(PlainText.Continue(shown.ToStringValue())) : shown;
    }

    private static string TextOf(FluidValue value, TemplateContext context) => value.Type switch
    {
        FluidValues.Array => string.Join(", ", value.Enumerate(context).Select(item => TextOf(item, context))),
        FluidValues.Dictionary => TemplateJson.Write(value, context),
        _ => value.ToStringValue(),
    };
}

/// <summary>A range such as <c>(1..3)</c>. Its length is bounded, because Fluid creates the whole list before the first iteration.</summary>
/// <param name="range">The range.</param>
internal sealed class BoundedRange(RangeExpression range) : Expression
{
    private const int MaxIterations = 1_000;

    /// <inheritdoc/>
    public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
    {
        var from = await range.From.EvaluateAsync(context);
        var to = await range.To.EvaluateAsync(context);
        return to.ToNumberValue() - from.ToNumberValue() < MaxIterations
            ? await range.EvaluateAsync(context)
            : throw new TemplateException($"a range has more than {MaxIterations} iterations");
    }
}
