namespace MLEvents.Local.Simulator.Client;

/// <summary>An entry of the simulator's timeline.</summary>
/// <param name="Number">The position in the timeline, starting with 1.</param>
/// <param name="Time">The time in UTC.</param>
/// <param name="Kind">The kind, such as <c>job.Completed</c>.</param>
/// <param name="Subject">The resource, mail or event that the entry is about.</param>
/// <param name="Correlation">The correlation id of the chain; null if there is none.</param>
/// <param name="Detail">Further text; null if there is none.</param>
public sealed record TimelineEntry(long Number, DateTimeOffset Time, string Kind, string Subject, string? Correlation, string? Detail);

/// <summary>A part of the timeline.</summary>
/// <param name="Last">The number of the last entry. If there are no entries, the number after which entries were requested (0 for the beginning).</param>
/// <param name="Entries">The entries in order.</param>
public sealed record TimelinePage(long Last, IReadOnlyList<TimelineEntry> Entries);
