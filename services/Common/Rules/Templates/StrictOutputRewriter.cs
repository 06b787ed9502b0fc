using Fluid.Ast;
using Fluid.Parser;

namespace MLEvents.Rules.Templates;

/// <summary>Makes each output of a template fail if it has neither a value nor a default, and bounds the length of ranges.</summary>
internal sealed class StrictOutputRewriter(LiquidSource source) : AstRewriter
{
    /// <summary>The template with these checks.</summary>
    public static FluidTemplate Add(FluidTemplate template, LiquidSource source) => (FluidTemplate)new StrictOutputRewriter(source).VisitTemplate(template);

    /// <inheritdoc/>
    protected override Statement VisitOutputStatement(OutputStatement outputStatement)
    {
        var text = source.TextOf(outputStatement.Expression);
        var expression = ((OutputStatement)base.VisitOutputStatement(outputStatement)).Expression;
        return new OutputStatement(new OutputValue(HasDefault(expression) ? expression : RequireInput(expression, text), text));
    }

    /// <inheritdoc/>
    protected override Expression VisitRangeExpression(RangeExpression rangeExpression) => new BoundedRange((RangeExpression)base.VisitRangeExpression(rangeExpression));

    // A default among the filters means that the value may be missing.
    private static bool HasDefault(Expression expression) => expression is FilterExpression filter && (filter.Name == "default" || HasDefault(filter.Input));

    private static Expression RequireInput(Expression expression, string text) =>
        expression is FilterExpression filter
            ? new FilterExpression(RequireInput(filter.Input, text), filter.Name, filter.Parameters)
            : new RequiredValue(expression, text);
}
