namespace MLEvents.Notifier.Email;

/// <summary>The token endpoint of <c>Mail:OAuth</c> does not answer, or its answer contains no token. A later attempt may succeed.</summary>
internal sealed class MailTokenException(string message, Exception? innerException = null) : IOException(message, innerException);
