namespace MLEvents.Dashboard.Charts;

/// <summary>Values over time: one for each bucket and series.</summary>
/// <param name="Id">Its name in the page; letters and hyphens.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Buckets">The start of each bucket.</param>
/// <param name="Series">The series, the lowest in a column first.</param>
/// <param name="Format">Writes a value for people.</param>
public sealed record Chart(string Id, string Title, IReadOnlyList<DateTimeOffset> Buckets, IReadOnlyList<ChartSeries> Series, Func<double, string> Format)
{
    /// <summary>Whether there is nothing to draw.</summary>
    public bool IsEmpty => Series.All(series => series.Values.All(value => value <= 0));
}

/// <summary>A series.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Style">Its class in the style sheet.</param>
/// <param name="Values">The value of each bucket; 0 for none.</param>
public sealed record ChartSeries(string Name, string Style, IReadOnlyList<double> Values);
