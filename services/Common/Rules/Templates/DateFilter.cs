using Fluid;
using Fluid.Values;

namespace MLEvents.Rules.Templates;

/// <summary>The <c>date</c> filter: a time in UTC, or in the zone that its second argument names.</summary>
internal static class DateFilter
{
    /// <summary>Converts the time before Fluid's filter writes it, because Fluid's filter would keep the offset of the input.</summary>
    public static FilterDelegate InZone(FilterDelegate write) => (input, arguments, context) =>
    {
        var zone = arguments.Count > 1 ? ZoneOf(arguments.At(1).ToStringValue()) : TimeZoneInfo.Utc;
        return input.TryGetDateTimeInput(context, out var time)
            ? write(new DateTimeValue(TimeZoneInfo.ConvertTime(time, zone)), new FilterArguments(arguments.At(0)), context)
            : write(input, new FilterArguments(arguments.At(0)), context);
    };

    private static TimeZoneInfo ZoneOf(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
        ? zone
        : throw new TemplateException($"unknown time zone '{name}'; write an IANA name such as 'Asia/Dubai'");
}
