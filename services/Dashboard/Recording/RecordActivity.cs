using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Recording;

/// <summary>Stores the activity of the services. Unknown types of activity are skipped, so that services can be upgraded before the dashboard.</summary>
internal sealed partial class RecordActivity(HistoryWriter writer, TimeProvider time, ILogger<RecordActivity> logger) : ITopicHandler
{
    /// <summary>Stores an activity event.</summary>
    /// <exception cref="ArgumentException">The data is not valid for the type of the event. The message goes to the dead letters.</exception>
    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        switch (workflowEvent.Type)
        {
            case EventTypes.ActionChanged:
                return writer.WriteAsync(ChangeOf(workflowEvent), cancellationToken);
            case EventTypes.RulesLoaded:
                return writer.WriteAsync(RulesOf(workflowEvent), cancellationToken);
            case EventTypes.ApprovalDecided:
                return writer.WriteAsync(DecisionOf(workflowEvent), cancellationToken);
            default:
                LogUnknown(workflowEvent.Type, workflowEvent.Id);
                return Task.CompletedTask;
        }
    }

    private ActionEntry ChangeOf(WorkflowEvent workflowEvent)
    {
        var changed = ActivityData.Read(workflowEvent, DashboardJson.Default.ActionChanged);
        if (changed is not { ActionId.Length: > 0, Service.Length: > 0, Rule: not null, Status: not null, Stage: not null, CorrelationId: not null, Event: { Id: not null, Source: not null, Type: not null, Subject: not null } })
        {
            throw new ArgumentException($"The data of activity {workflowEvent.Id} must name the service, the rule, the action, its chain, its state and its event.", nameof(workflowEvent));
        }

        return ActivityEntries.From(workflowEvent.Id, changed, workflowEvent.Time ?? time.GetUtcNow());
    }

    private RulesEntry RulesOf(WorkflowEvent workflowEvent)
    {
        var loaded = ActivityData.Read(workflowEvent, DashboardJson.Default.RulesLoaded);
        if (loaded is not { Service.Length: > 0, Version.Length: > 0, Files: not null } || loaded.Files.Values.Any(content => content is null))
        {
            throw new ArgumentException($"The data of activity {workflowEvent.Id} must name the service, the version and the files of its rules, with the text of each file.", nameof(workflowEvent));
        }

        return new(
            new RuleLoad { Id = workflowEvent.Id, Service = loaded.Service, Version = loaded.Version, At = workflowEvent.Time ?? time.GetUtcNow() },
            [.. loaded.Files.Select(file => new StoredRuleFile { Service = loaded.Service, Version = loaded.Version, Path = file.Key, Content = file.Value })]);
    }

    private static DecisionEntry DecisionOf(WorkflowEvent workflowEvent)
    {
        var decided = ActivityData.Read(workflowEvent, DashboardJson.Default.ApprovalDecided);
        return decided is { ActionId.Length: > 0, Decision: not null, By: not null }
            ? ApprovalEntries.From(workflowEvent.Id, decided)
            : throw new ArgumentException($"The data of activity {workflowEvent.Id} must name the action, the decision and the person who decided.", nameof(workflowEvent));
    }

    [LoggerMessage(1, LogLevel.Debug, "Activity {EventId} is not stored, because its type {Type} is unknown")]
    private partial void LogUnknown(string type, string eventId);
}
