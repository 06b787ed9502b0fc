using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>The signing keys of an issuer, cached.</summary>
/// <remarks>
/// This class replaces Microsoft.IdentityModel's ConfigurationManager, which renews keys in the background and hides a failed renewal.
/// The first token that is signed with a new key would then be refused as invalid, and Event Grid does not repeat a request that was answered with 401.
/// </remarks>
internal sealed class SigningKeys(TokenIssuer issuer, IDocumentRetriever documents, TimeProvider time) : IDisposable
{
    /// <summary>The age at which keys are read again.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(12);

    /// <summary>The shortest time between two reads. It limits the number of calls during an outage, and when requests have tokens with invented key ids.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(5);

    private static readonly string ReadRecently = $"the keys were read less than {MinInterval.TotalSeconds} s ago; they are not read again yet";

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile KeySet? _current;
    private (long Timestamp, string? Error)? _lastRead;

    /// <summary>Returns the keys; reads them if there are none yet or they are too old. If the read fails, the old keys stay in use.</summary>
    /// <exception cref="SigningKeysUnavailableException">The keys were never read successfully.</exception>
    public async ValueTask<KeySet> GetAsync(CancellationToken cancellationToken)
    {
        if (_current is { } current && time.GetElapsedTime(current.ReadAt) < MaxAge)
        {
            return current;
        }

        var error = await TryReadAsync(_current, cancellationToken);
        return _current ?? throw new SigningKeysUnavailableException(issuer.Metadata, error);
    }

    /// <summary>Reads the keys again, because the key of a token is not among them.</summary>
    /// <param name="known">The keys among which the token's key is missing.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="SigningKeysUnavailableException">The keys could not be read, or were read too recently to be read again. Whether the key exists is unknown.</exception>
    public async ValueTask<KeySet> RenewAsync(KeySet known, CancellationToken cancellationToken) =>
        await TryReadAsync(known, cancellationToken) is null && _current is { } renewed && renewed != known
            ? renewed
            : throw new SigningKeysUnavailableException(issuer.Metadata, _lastRead?.Error ?? ReadRecently);

    public void Dispose() => _reading.Dispose();

    // Returns null if the current keys differ from the known keys. Otherwise returns the reason why no other keys are available.
    private async Task<string?> TryReadAsync(KeySet? known, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_current != known)
            {
                return null;
            }

            if (_lastRead is not { } last || time.GetElapsedTime(last.Timestamp) >= MinInterval)
            {
                _lastRead = (time.GetTimestamp(), await ReadAsync(cancellationToken));
            }

            return _current != known ? null : _lastRead?.Error ?? ReadRecently;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var configuration = await OpenIdConnectConfigurationRetriever.GetAsync(issuer.Metadata.ToString(), documents, cancellationToken);
            if (configuration.Issuer is not { } named || !issuer.IsNamed(named))
            {
                return $"the metadata names the issuer '{configuration.Issuer}', expected one of: {string.Join(", ", issuer.Names)}";
            }

            if (configuration.SigningKeys.Count == 0)
            {
                return "the metadata has no signing keys";
            }

            _current = new KeySet([.. configuration.SigningKeys], time.GetTimestamp());
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            return exception.InnerException?.Message ?? exception.Message;
        }
    }
}

/// <summary>The keys from one read.</summary>
internal sealed record KeySet(IReadOnlyList<SecurityKey> Keys, long ReadAt)
{
    public bool Contains(string? id) => Keys.Any(key => key.KeyId == id);
}
