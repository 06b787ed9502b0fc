using System.Globalization;

namespace MLEvents.Rules.Reading;

/// <summary>Reads numbers that may have decimals.</summary>
internal static class NumberReader
{
    /// <summary>Reads the value of a key; null if it is absent or invalid. An invalid value is recorded as an error.</summary>
    public static double? Read(MapReader keys, string key, double min, double max = double.MaxValue)
    {
        if (keys.Scalar(key, KeyShape.Number) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        var bounds = max < double.MaxValue ? string.Create(CultureInfo.InvariantCulture, $" from {min} to {max}")
            : min > double.MinValue ? string.Create(CultureInfo.InvariantCulture, $" of at least {min}")
            : "";
        keys.Reading.Add(text, $"'{key}' must be a number{bounds}, not '{text.Value}'");
        return null;
    }
}
