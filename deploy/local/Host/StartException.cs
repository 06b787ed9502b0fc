namespace MLEvents.Local.Host;

/// <summary>The environment cannot start. The message is one line for the user.</summary>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
