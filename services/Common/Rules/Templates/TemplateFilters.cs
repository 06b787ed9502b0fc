using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

using Fluid;
using Fluid.Values;

namespace MLEvents.Rules.Templates;

/// <summary>
/// The filters that templates may use: filters of Fluid, <c>slack_escape</c> and <c>resource_name</c>. The limits of the run apply to each of them.
/// </summary>
internal static partial class TemplateFilters
{
    /// <summary>Options with these filters.</summary>
    /// <param name="target">
    /// The target of the output. The output of <c>json</c> is not escaped again for JSON, and the output of <c>newline_to_br</c> is not encoded again for HTML.
    /// </param>
    /// <param name="encoder">Encodes text for the target.</param>
    public static TemplateOptions Options(TemplateTarget target, TextEncoder encoder)
    {
        var options = new TemplateOptions
        {
            CultureInfo = CultureInfo.InvariantCulture,
            TimeZone = TimeZoneInfo.Utc,
            MaxSteps = TemplateRun.StepLimit,
        };
        var all = options.Filters.ToDictionary(StringComparer.Ordinal);
        all["json"] = (input, _, context) => new StringValue(TemplateJson.Write(input, context), encode: target != TemplateTarget.Json);
        all["date"] = DateFilter.InZone(all["date"]);
        all["slack_escape"] = (input, _, _) => StringValue.Create(SlackText.Escape(input.ToStringValue()));
        all["resource_name"] = (input, arguments, _) => StringValue.Create(ResourceName.Create(input.ToStringValue(), LengthOf(arguments)));
        if (target == TemplateTarget.Html)
        {
            all["newline_to_br"] = (input, _, _) => new StringValue(LineBreaks(encoder.Encode(input.ToStringValue().ReplaceLineEndings("\n"))), encode: false);
        }

        options.Filters.Clear();
        foreach (var name in FilterSignature.All.Keys)
        {
            options.Filters.AddFilter(name, Bounded(name, all[name]));
        }

        return options;
    }

    private static int LengthOf(FilterArguments arguments) =>
        arguments.Count == 0 ? ResourceName.DefaultLength : (int)Math.Clamp(arguments.At(0).ToNumberValue(), ResourceName.MinLength, ResourceName.MaxLength);

    // The encoder writes a line break as a character reference, or does not change it.
    private static string LineBreaks(string encoded) => encoded.Replace("&#xA;", "\n", StringComparison.Ordinal).Replace("\n", "<br>\n", StringComparison.Ordinal);

    private static FilterDelegate Bounded(string name, FilterDelegate filter) => async (input, arguments, context) =>
    {
        var run = (TemplateRun)context;
        run.Spend(input);
        LimitOutput(name, input, arguments, run);
        var result = await filter(input, arguments, context);
        run.Spend(result);
        return run.Weigh(result) <= TemplateRun.TextLimit ? result : throw TooLarge(name);
    };

    // The output of the filters below can be far larger than their input, so its size is estimated before the filter runs.
    private static void LimitOutput(string name, FluidValue input, FilterArguments arguments, TemplateRun run)
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

    private static TemplateException TooLarge(string name) => new($"the output of the filter '{name}' is longer than {TemplateRun.TextLimit} characters");

    // A directive of the date filter with a padding width that has three or more digits, such as %100Y. Flags may precede the width.
    [GeneratedRegex(@"%[-_^:#EO]*\d{3}")]
    private static partial Regex WidePattern();
}
