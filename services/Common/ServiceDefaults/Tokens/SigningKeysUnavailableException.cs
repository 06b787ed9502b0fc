namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>A token could not be validated, because the keys of its issuer cannot be read.</summary>
public sealed class SigningKeysUnavailableException : Exception
{
    internal SigningKeysUnavailableException(Uri metadata, string? reason)
        : base($"The signing keys of {metadata.GetLeftPart(UriPartial.Path)} could not be read: {reason ?? "no answer"}")
    {
    }
}
