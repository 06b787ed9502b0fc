using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger.Activity;

namespace MLEvents.Ledger.Approvals;

/// <summary>The events of approvals: questions for <see cref="Topics.Approvals"/>, and decisions for <see cref="Topics.WorkflowActivity"/>. The ids are derived from the action, so a repetition is the same event.</summary>
internal sealed class ApprovalEvents(IOptions<ApprovalOptions> options, TimeProvider time)
{
    /// <summary>The event of a question.</summary>
    public UnpublishedEvent Ask(ActionRecord record, Approval demand, ApprovalQuestion question)
    {
        var links = new Dictionary<string, Uri>(record.Links);
        if (LinkOf(record) is { } link)
        {
            links["approval"] = link;
        }

        var asked = new ApprovalRequested(
            record.Service, record.Rule, record.Id, record.Generation, record.CorrelationId, record.ReadEventReference(), demand.From, demand.Before, question.Evidence,
            question.ExpiresAt, demand.IsApprovedOnTimeout ? "approve" : "reject", demand.Required, links);
        return Create(Topics.Approvals, record, EventTypes.ApprovalRequested, "approval", asked, ActivityJson.Default.CloudEventApprovalRequested, question.AskedAt);
    }

    /// <summary>The events that report the decisions on a question, beginning with the decision at index <paramref name="from"/>.</summary>
    public IReadOnlyList<UnpublishedEvent> Report(ActionRecord record, ApprovalQuestion question, int from)
    {
        var events = new List<UnpublishedEvent>();
        for (var number = from; number < question.Decisions.Count; number++)
        {
            var decision = question.Decisions[number];
            var decided = new ApprovalDecided(
                record.Service, record.Rule, record.Id, record.Generation, record.CorrelationId, record.ReadEventReference(), decision.Kind.ToString().ToLowerInvariant(),
                decision.By, decision.Comment, decision.At, IsFinal: question.Outcome is not null && number == question.Decisions.Count - 1);
            var part = string.Create(CultureInfo.InvariantCulture, $"decision-{number + 1}");
            events.Add(Create(Topics.WorkflowActivity, record, EventTypes.ApprovalDecided, part, decided, ActivityJson.Default.CloudEventApprovalDecided, decision.At));
        }

        return events;
    }

    /// <summary>The address of the page of a question, without a signature; null if the service has no public address.</summary>
    public Uri? LinkOf(ActionRecord record) => options.Value.PublicAddress is { } address
        ? new Uri(new Uri(address.ToString().TrimEnd('/') + "/"), ApprovalLink.PathOf(record.Id, record.Generation))
        : null;

    private UnpublishedEvent Create<T>(string topic, ActionRecord record, string type, string part, T data, JsonTypeInfo<Dapr.CloudEvent<T>> contract, DateTimeOffset at)
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
        return new(topic, JsonSerializer.SerializeToElement(envelope, contract));
    }
}
