using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Filters;
using Fluid.Values;

namespace MLEvents.Rules;

/// <summary>The filters that templates may use: Fluid's, each within the bounds of the run.</summary>
internal static partial class TemplateFilters
{
    /// <summary>What they are called.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "abs", "append", "at_least", "at_most", "capitalize", "ceil", "compact", "concat", "date", "default", "divided_by", "downcase", "first", "floor",
        "join", "json", "last", "lstrip", "map", "minus", "modulo", "plus", "prepend", "remove", "remove_first", "replace", "replace_first", "reverse",
        "round", "rstrip", "size", "slice", "sort", "split", "strip", "strip_html", "strip_newlines", "times", "truncate", "truncatewords", "uniq", "upcase",
        "url_encode", "where",
    ];

    /// <summary>Options with these filters.</summary>
    /// <param name="encodeJson">Whether what the <c>json</c> filter makes is encoded for the target like any other text.</param>
    public static TemplateOptions Options(bool encodeJson)
    {
        var options = new TemplateOptions
        {
            CultureInfo = CultureInfo.InvariantCulture,
            TimeZone = TimeZoneInfo.Utc,
            JsonSerializerOptions = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping },
            MaxSteps = TemplateRun.StepLimit,
        };
        var all = options.Filters.ToDictionary(StringComparer.Ordinal);
        all["json"] = async (input, _, context) => new StringValue((await JsonAsync(input, context)).ToStringValue(), encodeJson);
        options.Filters.Clear();
        foreach (var name in Names)
        {
            options.Filters.AddFilter(name, Bounded(name, all[name]));
        }

        return options;
    }

    /// <summary>A value as JSON.</summary>
    public static ValueTask<FluidValue> JsonAsync(FluidValue value, TemplateContext context) => MiscFilters.Json(value, FilterArguments.Empty, context);

    private static FilterDelegate Bounded(string name, FilterDelegate filter) => async (input, arguments, context) =>
    {
        var run = (TemplateRun)context;
        run.Spend(input);
        RefuseBlowUp(name, input, arguments, run);
        var result = await filter(input, arguments, context);
        run.Spend(result);
        return run.Weigh(result) <= TemplateRun.TextLimit ? result : throw TooLarge(name);
    };

    // What these make is not in proportion to what they are given, so it is reckoned beforehand.
    private static void RefuseBlowUp(string name, FluidValue input, FilterArguments arguments, TemplateRun run)
    {
        var size = name switch
        {
            "replace" => (long)Occurrences(input.ToStringValue(), arguments.At(0).ToStringValue()) * arguments.At(1).ToStringValue().Length,
            "join" => (long)run.Weigh(input) * arguments.At(0).ToStringValue().Length,
            "date" when WidePattern().IsMatch(arguments.At(0).ToStringValue()) => long.MaxValue,
            _ => 0,
        };
        if (size > TemplateRun.TextLimit)
        {
            throw TooLarge(name);
        }
    }

    private static int Occurrences(string text, string part) => part.Length == 0 ? text.Length + 1 : text.AsSpan().Count(part);

    private static TemplateException TooLarge(string name) => new($"what the filter '{name}' makes is larger than {TemplateRun.TextLimit} characters");

    // Ruby's padding, as in %10Y, after any flags.
    [GeneratedRegex(@"%[-_^:#EO]*\d{3}")]
    private static partial Regex WidePattern();
}
