namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>The signing keys of an issuer are not available, so its tokens cannot be validated.</summary>
public sealed class SigningKeysUnavailableException : Exception
{
    internal SigningKeysUnavailableException(Uri metadata, string? reason)
        : base($"The signing keys of {metadata.GetLeftPart(UriPartial.Path)} are not available: {reason ?? "no answer"}")
    {
    }
}
