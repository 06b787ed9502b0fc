using System.Globalization;
using DotLiquid;
using DotLiquid.Exceptions;

namespace MLEvents.Rules;

/// <summary>A compiled Liquid template: the one class that knows the engine, DotLiquid.</summary>
internal sealed class LiquidProgram
{
    private const int MaxIterations = 1_000;
    private const SyntaxCompatibility Syntax = SyntaxCompatibility.DotLiquid22a;

    // The clock on the wall is all there is to measure by, and on a starved machine it runs while the template does not: what exceeds the first limit is given
    // another chance before its action fails for good.
    private static readonly TimeSpan[] MaxTimes = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20)];

    private readonly DotLiquid.Template _template;

    private readonly IReadOnlyList<TimeSpan> _limits;

    private LiquidProgram(DotLiquid.Template template, IReadOnlyList<TimeSpan> limits) => (_template, _limits) = (template, limits);

    /// <summary>Compiles a template.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="limits">How long it may run, for each try; null for the usual.</param>
    /// <exception cref="TemplateException">The source is no Liquid.</exception>
    public static LiquidProgram Compile(string source, IReadOnlyList<TimeSpan>? limits = null)
    {
        try
        {
            var template = DotLiquid.Template.Parse(source, Syntax);
            template.MakeThreadSafe();
            return new LiquidProgram(template, limits ?? MaxTimes);
        }
        catch (Exception e) when (e is LiquidException or System.ArgumentException or FormatException)
        {
            throw new TemplateException(e.Message, e);
        }
    }

    /// <summary>Runs the template.</summary>
    /// <param name="output">Makes what the text goes to, anew for each run.</param>
    /// <param name="variables">What the template sees.</param>
    /// <param name="filters">Filters of our own.</param>
    /// <returns>The text.</returns>
    /// <exception cref="TemplateException">The template fails, or runs for too long.</exception>
    public string Run(Func<TextWriter> output, IReadOnlyDictionary<string, object?> variables, LiquidFilters filters)
    {
        foreach (var time in _limits)
        {
            using var limit = new CancellationTokenSource(time);
            using var text = output();
            if (TryRun(text, Context(variables, filters, limit.Token)))
            {
                return text.ToString() ?? "";
            }
        }

        throw new TemplateException($"the template runs for longer than {_limits[^1].TotalSeconds} s");
    }

    private static Context Context(IReadOnlyDictionary<string, object?> variables, LiquidFilters filters, CancellationToken limit)
    {
        var scope = new Hash();
        foreach (var (name, value) in variables)
        {
            scope[name] = value;
        }

        var context = new Context([], scope, [], ErrorsOutputMode.Rethrow, MaxIterations, CultureInfo.InvariantCulture, limit)
        {
            SyntaxCompatibilityLevel = Syntax,
            UseRubyDateFormat = true,
        };
        foreach (var (name, filter) in filters.Plain)
        {
            context.AddFilter(name, filter);
        }

        foreach (var (name, filter) in filters.WithArgument)
        {
            context.AddFilter(name, filter);
        }

        return context;
    }

    private bool TryRun(TextWriter output, Context context)
    {
        try
        {
            _template.Render(output, new RenderParameters(CultureInfo.InvariantCulture) { Context = context });
            return true;
        }
        catch (System.OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is not TemplateException and not OutOfMemoryException)
        {
            throw new TemplateException(e.Message, e);
        }
    }
}

/// <summary>Filters of our own, by name.</summary>
/// <param name="Plain">Those that take a value.</param>
/// <param name="WithArgument">Those that take a value and an argument.</param>
internal sealed record LiquidFilters(
    IReadOnlyDictionary<string, Func<object?, object?>> Plain,
    IReadOnlyDictionary<string, Func<object?, object?, object?>> WithArgument);
