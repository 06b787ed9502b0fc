namespace MLEvents.Dashboard.Charts;

/// <summary>A chart of values over time, with one value for each bucket and series.</summary>
/// <param name="Id">The id of the chart in the page: letters and hyphens.</param>
/// <param name="Title">The title.</param>
/// <param name="Buckets">The start of each bucket.</param>
/// <param name="Series">The series, from the bottom to the top of a column.</param>
/// <param name="Format">Formats a value for people.</param>
public sealed record Chart(string Id, string Title, IReadOnlyList<DateTimeOffset> Buckets, IReadOnlyList<ChartSeries> Series, Func<double, string> Format)
{
    /// <summary>Whether no value is above 0.</summary>
    public bool IsEmpty => Series.All(series => series.Values.All(value => value <= 0));
}

/// <summary>A series of a chart.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Style">The class in the style sheet.</param>
/// <param name="Values">The value of each bucket; 0 for none.</param>
public sealed record ChartSeries(string Name, string Style, IReadOnlyList<double> Values);
