namespace MLEvents.Events;

/// <summary>Event types on the wire, as Azure Event Grid and this system spell them.</summary>
public static class EventTypes
{
    /// <summary>What the full names of Azure ML's event types begin with.</summary>
    public const string AzureMLPrefix = "Microsoft.MachineLearningServices.";

    /// <summary>What the event types of the services begin with.</summary>
    public const string OwnPrefix = "MLEvents.";

    /// <summary>What the names of the event types begin with that the services raise themselves.</summary>
    public const string ServicesPrefix = "MLEvents.";

    /// <summary>A model version was registered.</summary>
    public const string ModelRegistered = AzureMLPrefix + "ModelRegistered";

    /// <summary>A model was deployed to an endpoint.</summary>
    public const string ModelDeployed = AzureMLPrefix + "ModelDeployed";

    /// <summary>A run came to its end with success.</summary>
    public const string RunCompleted = AzureMLPrefix + "RunCompleted";

    /// <summary>A run changed its status.</summary>
    public const string RunStatusChanged = AzureMLPrefix + "RunStatusChanged";

    /// <summary>A v1 dataset monitor saw drift.</summary>
    public const string DatasetDriftDetected = AzureMLPrefix + "DatasetDriftDetected";

    /// <summary>Event Grid's validation handshake, in the Event Grid schema.</summary>
    public const string SubscriptionValidation = "Microsoft.EventGrid.SubscriptionValidationEvent";

    /// <summary>Event Grid's word that a subscription is gone.</summary>
    public const string SubscriptionDeleted = "Microsoft.EventGrid.SubscriptionDeletedEvent";

    /// <summary>A service's action changed its status or stage; see <see cref="Events.ActionChanged"/>.</summary>
    public const string ActionChanged = "MLEvents.ActionChanged";

    /// <summary>A service took a version of its rules into force; see <see cref="Events.RulesLoaded"/>.</summary>
    public const string RulesLoaded = "MLEvents.RulesLoaded";

    /// <summary>An operator asked the deployer for a roll-back.</summary>
    public const string RollbackRequested = "MLEvents.RollbackRequested";

    /// <summary>An operator asked the deployer to roll a registered model out.</summary>
    public const string RolloutRequested = "MLEvents.RolloutRequested";

    /// <summary>An action waits for an approval; see <see cref="Events.ApprovalRequested"/>.</summary>
    public const string ApprovalRequested = "MLEvents.ApprovalRequested";

    /// <summary>Somebody decided about an action that waits for an approval; see <see cref="Events.ApprovalDecided"/>.</summary>
    public const string ApprovalDecided = "MLEvents.ApprovalDecided";

    /// <summary>A request or an event that the ingress could not read.</summary>
    public const string Quarantined = "MLEvents.Quarantined";
}
