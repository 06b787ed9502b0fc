namespace MLEvents.Events;

/// <summary>The names of the pub/sub component and its topics. A change of a name breaks running systems.</summary>
public static class Topics
{
    /// <summary>The Dapr pub/sub component that every service uses.</summary>
    public const string PubSub = "pubsub";

    /// <summary>A model version was registered in a workspace.</summary>
    public const string ModelRegistered = "model-registered";

    /// <summary>A model was deployed to an endpoint.</summary>
    public const string ModelDeployed = "model-deployed";

    /// <summary>A run completed successfully.</summary>
    public const string RunCompleted = "run-completed";

    /// <summary>A run changed its status. A v2 model monitor reports a breach by such an event of its run.</summary>
    public const string RunStatusChanged = "run-status-changed";

    /// <summary>A v1 dataset monitor detected drift. Azure ML retired these monitors in 2025-09; older workspaces and custom publishers still raise the event.</summary>
    public const string DatasetDriftDetected = "dataset-drift-detected";

    /// <summary>Events of any other type.</summary>
    public const string OtherEvents = "other-events";

    /// <summary>Input that the ingress could not read or refused: the raw bytes, the reason and the headers.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>Messages that a subscriber dropped: the dead-letter topic of every subscription.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>Activity of the services: <see cref="ActionChanged"/>, <see cref="RulesLoaded"/> and <see cref="ApprovalDecided"/> events.</summary>
    public const string WorkflowActivity = "workflow-activity";

    /// <summary>Questions about actions that wait for an approval: <see cref="ApprovalRequested"/> events. The notifier sends mails to the addresses in their data, so the ingress must not publish here.</summary>
    public const string Approvals = "approvals";

    /// <summary>The topic on which events of a type are published.</summary>
    /// <param name="eventType">A CloudEvents <c>type</c>; compared exactly, as Event Grid does.</param>
    /// <returns>The topic of one of the five Azure ML event types, else <see cref="OtherEvents"/>.</returns>
    public static string For(string eventType) => eventType switch
    {
        EventTypes.ModelRegistered => ModelRegistered,
        EventTypes.ModelDeployed => ModelDeployed,
        EventTypes.RunCompleted => RunCompleted,
        EventTypes.RunStatusChanged => RunStatusChanged,
        EventTypes.DatasetDriftDetected => DatasetDriftDetected,
        _ => OtherEvents,
    };
}
