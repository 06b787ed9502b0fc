using System.Collections.Concurrent;
using System.Net.Http.Headers;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Scoring;

/// <summary>The scoring address of an endpoint and its key or token. The text form of the object contains neither key nor token.</summary>
internal sealed class ScoringAccess(Uri address, string secret, DateTimeOffset expires)
{
    public Uri Address => address;

    public DateTimeOffset Expires => expires;

    public AuthenticationHeaderValue Authorization => new("Bearer", secret);
}

/// <summary>Reads the address and the key or token of endpoints, and caches them in memory for 5 minutes, because a verification sends many requests.</summary>
internal sealed class ScoringCredentials(
    ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure, ScoringHosts hosts, IOptions<AzureMLOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<ArmId, ScoringAccess> _known = new();
    private readonly Lazy<TokenCredential> _identity = new(() => Credentials.For(options.Value));

    /// <summary>The access to an endpoint, from the cache if it has not expired.</summary>
    public async Task<ScoringAccess> GetAsync(ArmId endpoint, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(endpoint, out var known) && known.Expires > time.GetUtcNow())
        {
            return known;
        }

        return _known[endpoint] = await ReadAsync(endpoint, cancellationToken);
    }

    /// <summary>Removes a refused access from the cache: the key may have been regenerated.</summary>
    public void Forget(ArmId endpoint, ScoringAccess refused) => _known.TryRemove(KeyValuePair.Create(endpoint, refused));

    private async Task<ScoringAccess> ReadAsync(ArmId id, CancellationToken cancellationToken)
    {
        var endpoint = await azure.CallAsync("OnlineEndpoints_Get", token => arm.GetResourceAsync(id, token), cancellationToken);
        var properties = endpoint.Body.Object("properties");
        var address = hosts.Check(properties.Address("scoringUri") ?? throw Failed(id, "has no scoring address yet", isTransient: true), OnlineScoring.Operation);
        var secret = properties.Text("authMode") switch
        {
            "AADToken" => await IdentityTokenAsync(cancellationToken),
            "AMLToken" => await ReadSecretAsync("OnlineEndpoints_GetToken", id, "/token", "accessToken", cancellationToken),
            _ => await ReadSecretAsync("OnlineEndpoints_ListKeys", id, "/listKeys", "primaryKey", cancellationToken),
        };
        return new ScoringAccess(address, secret, time.GetUtcNow() + Lifetime);
    }

    private async Task<string> ReadSecretAsync(string operation, ArmId id, string action, string member, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(id, ArmConnection.MachineLearningVersion, action);
        var answer = await azure.CallAsync(operation, token => arm.SendAsync(RequestMethod.Post, path, null, null, token), cancellationToken);
        return answer.Body.Text(member) is { Length: > 0 } secret && secret.All(character => character is > ' ' and < '\x7f')
            ? secret
            : throw Failed(id, $"returned no usable '{member}' ({operation})", isTransient: false);
    }

    private Task<string> IdentityTokenAsync(CancellationToken cancellationToken)
    {
        var context = new TokenRequestContext([$"{CloudAddresses.For(options.Value.Cloud).ScoringAudience}/.default"]);
        return azure.CallAsync(OnlineScoring.Operation, async token => (await _identity.Value.GetTokenAsync(context, token)).Token, cancellationToken);
    }

    private static AzureException Failed(ArmId id, string text, bool isTransient) =>
        new($"{OnlineScoring.Operation}: the endpoint {id} {text}.") { Operation = OnlineScoring.Operation, Code = AzureException.UnreadableAnswerCode, IsTransient = isTransient };
}
