using System.Globalization;

namespace MLEvents.Benchmarks;

/// <summary>Measured values.</summary>
/// <param name="values">At least one value.</param>
internal sealed class Sample(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    /// <summary>The middle value, or the mean of the two middle values.</summary>
    public double Median => (_sorted[(_sorted.Length - 1) / 2] + _sorted[_sorted.Length / 2]) / 2;

    public double Min => _sorted[0];

    public double Max => _sorted[^1];

    /// <summary>The percentile by nearest rank: the smallest value that the given percentage of the values do not exceed.</summary>
    public double Percentile(double percent) => _sorted[Math.Max(0, (int)Math.Ceiling(percent / 100 * _sorted.Length) - 1)];

    /// <summary>Returns the median, and in brackets the minimum and the maximum.</summary>
    /// <param name="format">A numeric format, such as <c>F1</c>.</param>
    public string Spread(string format) => $"{Text(Median, format)} ({Text(Min, format)} to {Text(Max, format)})";

    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
