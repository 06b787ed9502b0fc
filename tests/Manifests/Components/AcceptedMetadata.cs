namespace MLEvents.Manifests.Components;

/// <summary>
/// The metadata names that daprd 1.17 accepts for the component types in use. daprd silently ignores unknown names, so <see cref="ComponentTests"/> compares
/// the component files with these names.
/// </summary>
/// <seealso href="https://github.com/dapr/components-contrib"/>
internal static class AcceptedMetadata
{
    private const string TopicScopes = "publishingScopes subscriptionScopes allowedTopics protectedTopics ";
    private const string Redis = "redisHost redisUsername redisPassword enableTLS useEntraID redisType redisDB redisMaxRetries dialTimeout readTimeout writeTimeout poolSize poolTimeout minIdleConns ";
    private const string Entra = "azureClientId azureTenantId azureEnvironment ";

    /// <summary>Names by component type. A required name ends with <c>!</c>.</summary>
    private static readonly Dictionary<string, string> Names = new()
    {
        ["pubsub.redis"] = TopicScopes + Redis + "redisHost! consumerID processingTimeout redeliverInterval queueDepth concurrency maxLenApprox streamTTL",
        ["state.redis"] = Redis + "redisHost! keyPrefix ttlInSeconds",
        ["pubsub.azure.servicebus.topics"] = TopicScopes + Entra + "namespaceName! consumerID disableEntityManagement maxActiveMessages maxConcurrentHandlers handlerTimeoutInSec lockRenewalInSec timeoutInSec maxRetriableErrorsPerSec publishMaxRetries publishInitialRetryIntervalInMs",
        ["state.azure.cosmosdb"] = Entra + "url! database! collection! contenttype keyPrefix",
        ["secretstores.local.env"] = "prefix",
        ["secretstores.azure.keyvault"] = Entra + "vaultName!",
        ["bindings.http"] = "url! responseTimeout maxResponseBodySize errorIfNot2XX securityToken securityTokenHeader direction",
        ["bindings.localstorage"] = "rootPath! direction",
        ["bindings.azure.blobstorage"] = Entra + "accountName! containerName! decodeBase64 getBlobRetryCount publicAccessLevel direction",
        ["bindings.azure.eventhubs"] = Entra + "eventHubNamespace! eventHub! consumerID! storageAccountName! storageContainerName! enableEntityManagement enableInOrderMessageDelivery backOffPolicy backOffDuration backOffMaxInterval backOffMaxRetries getAllMessageProperties direction route",
    };

    public static bool IsKnown(string type) => Names.ContainsKey(type);

    public static IReadOnlyCollection<string> All(string type) => [.. Split(type).Select(name => name.TrimEnd('!')).Distinct()];

    public static IReadOnlyCollection<string> Required(string type) => [.. Split(type).Where(name => name.EndsWith('!')).Select(name => name.TrimEnd('!'))];

    private static string[] Split(string type) => Names[type].Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
