using System.Globalization;
using DotLiquid;
using DotLiquid.Exceptions;

namespace MLEvents.Rules;

/// <summary>A compiled Liquid template: the one class that knows the engine, DotLiquid.</summary>
internal sealed class LiquidProgram
{
    private const int MaxIterations = 1_000;
    private const SyntaxCompatibility Syntax = SyntaxCompatibility.DotLiquid22a;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);

    private readonly DotLiquid.Template _template;

    private LiquidProgram(DotLiquid.Template template) => _template = template;

    /// <summary>Compiles a template.</summary>
    /// <exception cref="TemplateException">The source is no Liquid.</exception>
    public static LiquidProgram Compile(string source)
    {
        try
        {
            var template = DotLiquid.Template.Parse(source, Syntax);
            template.MakeThreadSafe();
            return new LiquidProgram(template);
        }
        catch (Exception e) when (e is LiquidException or System.ArgumentException or FormatException)
        {
            throw new TemplateException(e.Message, e);
        }
    }

    /// <summary>Runs the template.</summary>
    /// <param name="output">Where the text goes.</param>
    /// <param name="variables">What the template sees.</param>
    /// <param name="filters">Filters of our own.</param>
    /// <exception cref="TemplateException">The template fails, or runs for too long.</exception>
    public void Run(TextWriter output, IReadOnlyDictionary<string, object?> variables, LiquidFilters filters)
    {
        using var limit = new CancellationTokenSource(MaxTime);
        var scope = new Hash();
        foreach (var (name, value) in variables)
        {
            scope[name] = value;
        }

        var context = new Context([], scope, [], ErrorsOutputMode.Rethrow, MaxIterations, CultureInfo.InvariantCulture, limit.Token)
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

        Run(output, context);
    }

    private void Run(TextWriter output, Context context)
    {
        try
        {
            _template.Render(output, new RenderParameters(CultureInfo.InvariantCulture) { Context = context });
        }
        catch (System.OperationCanceledException e)
        {
            throw new TemplateException($"the template runs for longer than {MaxTime.TotalSeconds} s", e);
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
