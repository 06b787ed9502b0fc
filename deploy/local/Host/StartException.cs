namespace MLEvents.Local.Host;

/// <summary>The environment cannot start; the message is the one line that the user reads.</summary>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
