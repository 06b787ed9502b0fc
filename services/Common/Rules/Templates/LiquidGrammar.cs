using Fluid;
using Fluid.Ast;

using Parlot;
using Parlot.Fluent;

namespace MLEvents.Rules.Templates;

/// <summary>Liquid with the tags that rules may use. The <see cref="LiquidSource"/> records what was read, with its position.</summary>
internal sealed class LiquidGrammar : FluidParser
{
    private static readonly string[] Blocks = ["if", "unless", "case", "for", "comment", "raw"];
    private static readonly string[] Parts = ["elsif", "else", "when", .. Blocks.Select(block => $"end{block}")];
    private static readonly string[] Others = ["assign", "break", "continue"];

    /// <summary>The instance for all templates and threads.</summary>
    public static readonly LiquidGrammar Instance = new();

    private LiquidGrammar()
    {
        Primary.Parser = new LocatedExpression(Primary.Parser!);
        FilterExpression.Parser = new LocatedExpression(FilterExpression.Parser!);
        foreach (var (name, parser) in RegisteredTags.ToList())
        {
            if (Blocks.Contains(name) || Others.Contains(name))
            {
                RegisteredTags[name] = new LocatedTag(parser);
            }
            else
            {
                RegisteredTags.Remove(name);
            }
        }
    }

    /// <summary>The words with which a tag can begin.</summary>
    public static IReadOnlyList<string> Tags { get; } = [.. Blocks, .. Others, .. Parts];

    /// <summary>Records the source text of an expression.</summary>
    private sealed class LocatedExpression(Parser<Expression> inner) : Parser<Expression>
    {
        public override bool Parse(ParseContext context, ref ParseResult<Expression> result)
        {
            context.EnterParser(this);
            context.SkipWhiteSpace();
            var start = context.Scanner.Cursor.Offset;
            var read = inner.Parse(context, ref result);
            if (read)
            {
                ((LiquidSource)context).Place(result.Value, start);
            }

            context.ExitParser(this);
            return read;
        }
    }

    /// <summary>Records where a tag starts, and that the tag is open until its end is read.</summary>
    private sealed class LocatedTag(Parser<Statement> inner) : Parser<Statement>
    {
        public override bool Parse(ParseContext context, ref ParseResult<Statement> result)
        {
            context.EnterParser(this);
            var source = (LiquidSource)context;
            source.Open();
            var read = inner.Parse(context, ref result);
            if (read)
            {
                source.Close(result.Value);
            }

            context.ExitParser(this);
            return read;
        }
    }
}
