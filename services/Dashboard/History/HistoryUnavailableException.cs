namespace MLEvents.Dashboard.History;

/// <summary>The database cannot be written at the moment, whatever the entry. The broker has to redeliver the message.</summary>
internal sealed class HistoryUnavailableException(string message, Exception innerException) : IOException(message, innerException);
