using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>The signing keys of an issuer, cached.</summary>
/// <remarks>
/// Microsoft.IdentityModel's ConfigurationManager is not used: it renews keys in the background and hides that a renewal failed, so the first token that a new key signed would be refused
/// as invalid. Event Grid does not repeat a request that was answered with 401.
/// </remarks>
internal sealed class SigningKeys(TokenIssuer issuer, IDocumentRetriever documents, TimeProvider time) : IDisposable
{
    /// <summary>Age at which keys are read again.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(12);

    /// <summary>The shortest time between two reads, so that neither tokens with invented key ids nor an outage cause a call for each request.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile KeySet? _current;
    private (long Timestamp, string? Error)? _lastRead;

    /// <summary>The keys; read if there are none yet or they are old. Old keys stay in use while the issuer cannot be reached.</summary>
    /// <exception cref="SigningKeysUnavailableException">No keys were ever read.</exception>
    public async ValueTask<KeySet> GetAsync(CancellationToken cancellationToken)
    {
        if (_current is { } current && time.GetElapsedTime(current.ReadAt) < MaxAge)
        {
            return current;
        }

        var error = await TryReadAsync(_current, cancellationToken);
        return _current ?? throw new SigningKeysUnavailableException(issuer.Metadata, error);
    }

    /// <summary>Reads the keys again, because they lack the key of a token.</summary>
    /// <param name="known">The keys that lack it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="SigningKeysUnavailableException">They could not be read, or were read a moment ago, so that it is unknown whether the key exists.</exception>
    public async ValueTask<KeySet> RenewAsync(KeySet known, CancellationToken cancellationToken) =>
        await TryReadAsync(known, cancellationToken) is null && _current is { } renewed && renewed != known
            ? renewed
            : throw new SigningKeysUnavailableException(issuer.Metadata, _lastRead?.Error ?? $"they were read less than {MinInterval.TotalSeconds} s ago");

    public void Dispose() => _reading.Dispose();

    // Null if the keys are newer than the known ones.
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

            return _current != known ? null : _lastRead?.Error ?? "they were read a moment ago";
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
                return $"the metadata is of the issuer '{configuration.Issuer}', expected one of: {string.Join(", ", issuer.Names)}";
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

/// <summary>Keys as they were read at one time.</summary>
internal sealed record KeySet(IReadOnlyList<SecurityKey> Keys, long ReadAt)
{
    public bool Contains(string? id) => Keys.Any(key => key.KeyId == id);
}
