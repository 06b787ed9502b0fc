using System.Globalization;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger.Approvals;

/// <summary>Publishes questions on <see cref="Topics.Approvals"/>, and decisions on <see cref="Topics.WorkflowActivity"/>. The ids are derived from the action, so a repetition is the same event.</summary>
internal sealed class ApprovalPublisher(DaprClient dapr, IOptions<ApprovalOptions> options, TimeProvider time)
{
    /// <summary>Publishes a question.</summary>
    public Task AskAsync(ActionRecord record, Approval demand, ApprovalQuestion question, CancellationToken cancellationToken)
    {
        var links = new Dictionary<string, Uri>(record.Links);
        if (LinkOf(record) is { } link)
        {
            links["approval"] = link;
        }

        var asked = new ApprovalRequested(
            record.Service, record.Rule, record.Id, record.Generation, record.CorrelationId, record.ReadEventReference(), demand.From, demand.Before, question.Evidence,
            question.ExpiresAt, demand.IsApprovedOnTimeout ? "approve" : "reject", demand.Required, links);
        return PublishAsync(Topics.Approvals, record, EventTypes.ApprovalRequested, "approval", asked, question.AskedAt, cancellationToken);
    }

    /// <summary>Publishes the decisions of a question, starting at an index.</summary>
    public async Task ReportAsync(ActionRecord record, ApprovalQuestion question, int from, CancellationToken cancellationToken)
    {
        for (var number = from; number < question.Decisions.Count; number++)
        {
            var decision = question.Decisions[number];
            var decided = new ApprovalDecided(
                record.Service, record.Rule, record.Id, record.Generation, record.CorrelationId, record.ReadEventReference(), decision.Kind.ToString().ToLowerInvariant(),
                decision.By, decision.Comment, decision.At, IsFinal: question.Outcome is not null && number == question.Decisions.Count - 1);
            await PublishAsync(Topics.WorkflowActivity, record, EventTypes.ApprovalDecided, string.Create(CultureInfo.InvariantCulture, $"decision-{number + 1}"), decided, decision.At, cancellationToken);
        }
    }

    /// <summary>The page of a question without its signature; null if the service has no public address.</summary>
    public Uri? LinkOf(ActionRecord record) => options.Value.PublicAddress is { } address
        ? new Uri(new Uri(address.ToString().TrimEnd('/') + "/"), ApprovalLink.PathOf(record.Id, record.Generation))
        : null;

    private Task PublishAsync<T>(string topic, ActionRecord record, string type, string part, T data, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var envelope = new Dapr.CloudEvent<T>(data)
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{record.Id}-{record.Generation}-{part}"),
            SpecVersion = "1.0",
            Source = new Uri($"/mlevents/{record.Service}", UriKind.RelativeOrAbsolute),
            Type = type,
            Subject = $"actions/{record.Id}",
            Time = at > time.GetUtcNow() ? time.GetUtcNow() : at,
        };
        return dapr.PublishEventAsync(Topics.PubSub, topic, envelope, cancellationToken);
    }
}
