namespace MLEvents.Dashboard.History;

/// <summary>The database does not accept any writes at the moment. The broker must redeliver the message.</summary>
internal sealed class HistoryUnavailableException(string message, Exception innerException) : IOException(message, innerException);
