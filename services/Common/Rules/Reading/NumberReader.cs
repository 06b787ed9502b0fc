using System.Globalization;

namespace MLEvents.Rules.Reading;

/// <summary>Reads numbers that may have decimals.</summary>
internal static class NumberReader
{
    /// <summary>Reads the value of a key; null if it is absent or invalid. An invalid value is recorded as an error.</summary>
    public static double? Read(MapReader keys, string key, double least, double most = double.MaxValue)
    {
        if (keys.Scalar(key, KeyShape.Number) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        var bounds = most < double.MaxValue ? string.Create(CultureInfo.InvariantCulture, $" from {least} to {most}")
            : least > double.MinValue ? string.Create(CultureInfo.InvariantCulture, $" of at least {least}")
            : "";
        keys.Reading.Add(text, $"'{key}' must be a number{bounds}, not '{text.Value}'");
        return null;
    }
}
