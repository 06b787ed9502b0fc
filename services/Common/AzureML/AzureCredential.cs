namespace MLEvents.AzureML;

/// <summary>How the services prove themselves to Azure.</summary>
public enum AzureCredential
{
    /// <summary>What the surroundings offer, first that works: environment variables, workload identity, managed identity, Azure CLI.</summary>
    Default,

    /// <summary>The managed identity of the machine or container app; a user-assigned one when <see cref="AzureMLOptions.ClientId"/> is set.</summary>
    ManagedIdentity,

    /// <summary>The federated token of a Kubernetes service account.</summary>
    WorkloadIdentity,

    /// <summary>A fixed token that only a simulator accepts. Refused outside Development and for any endpoint that is not on this machine.</summary>
    Local,
}
