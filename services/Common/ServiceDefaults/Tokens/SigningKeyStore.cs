using System.Collections.Concurrent;

using Microsoft.IdentityModel.Protocols;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>The signing keys of all issuers in the settings.</summary>
internal sealed class SigningKeyStore(IHttpClientFactory clients, TimeProvider time) : IDisposable
{
    /// <summary>The name of the HTTP client that reads keys.</summary>
    public const string Client = "signing-keys";

    private readonly ConcurrentDictionary<Uri, SigningKeys> _issuers = [];

    /// <summary>The keys of an issuer.</summary>
    public SigningKeys For(TokenIssuer issuer) => _issuers.GetOrAdd(issuer.Metadata, _ => new SigningKeys(issuer, new Documents(clients), time));

    public void Dispose()
    {
        foreach (var keys in _issuers.Values)
        {
            keys.Dispose();
        }
    }

    // Each read uses a new client, so that the factory can replace its handler.
    private sealed class Documents(IHttpClientFactory clients) : IDocumentRetriever
    {
        public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !SecureAddress.IsSecure(uri))
            {
                throw new InvalidOperationException($"'{address}' is not an https address");
            }

            using var client = clients.CreateClient(Client);
            return await client.GetStringAsync(uri, cancel);
        }
    }
}
