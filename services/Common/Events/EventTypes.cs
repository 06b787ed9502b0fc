namespace MLEvents.Events;

/// <summary>Event types on the wire, as Azure Event Grid and this system spell them.</summary>
public static class EventTypes
{
    /// <summary>The prefix of Azure ML's event types.</summary>
    public const string AzureMLPrefix = "Microsoft.MachineLearningServices.";

    /// <summary>The prefix of the event types that the services raise themselves.</summary>
    public const string OwnPrefix = "MLEvents.";

    /// <summary>A model version was registered.</summary>
    public const string ModelRegistered = AzureMLPrefix + "ModelRegistered";

    /// <summary>A model was deployed to an endpoint.</summary>
    public const string ModelDeployed = AzureMLPrefix + "ModelDeployed";

    /// <summary>A run completed successfully.</summary>
    public const string RunCompleted = AzureMLPrefix + "RunCompleted";

    /// <summary>A run changed its status.</summary>
    public const string RunStatusChanged = AzureMLPrefix + "RunStatusChanged";

    /// <summary>A v1 dataset monitor detected drift.</summary>
    public const string DatasetDriftDetected = AzureMLPrefix + "DatasetDriftDetected";

    /// <summary>Event Grid's validation handshake, in the Event Grid schema.</summary>
    public const string SubscriptionValidation = "Microsoft.EventGrid.SubscriptionValidationEvent";

    /// <summary>Event Grid's notice that a subscription was deleted.</summary>
    public const string SubscriptionDeleted = "Microsoft.EventGrid.SubscriptionDeletedEvent";

    /// <summary>A service's action changed its status or stage; see <see cref="Events.ActionChanged"/>.</summary>
    public const string ActionChanged = "MLEvents.ActionChanged";

    /// <summary>A version of a service's rules came into force; see <see cref="Events.RulesLoaded"/>.</summary>
    public const string RulesLoaded = "MLEvents.RulesLoaded";

    /// <summary>An operator asked the deployer to roll back an endpoint.</summary>
    public const string RollbackRequested = "MLEvents.RollbackRequested";

    /// <summary>An operator asked the deployer to roll out a registered model.</summary>
    public const string RolloutRequested = "MLEvents.RolloutRequested";

    /// <summary>An action waits for an approval; see <see cref="Events.ApprovalRequested"/>.</summary>
    public const string ApprovalRequested = "MLEvents.ApprovalRequested";

    /// <summary>A decision about an action that waits for an approval; see <see cref="Events.ApprovalDecided"/>.</summary>
    public const string ApprovalDecided = "MLEvents.ApprovalDecided";

    /// <summary>A request or an event that the ingress could not read or refused.</summary>
    public const string Quarantined = "MLEvents.Quarantined";
}
