using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.Extensions.Options;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Dashboard.Recording;
using MLEvents.Events;

namespace MLEvents.Dashboard.Rebuilding;

/// <summary>Reads the ledgers of the services with the operators' token. Adds unfinished actions, failed actions and open questions to the history.</summary>
/// <remarks>The entries have the same ids as the activity events of the services, so none of them is stored twice.</remarks>
internal sealed class LedgerRebuild(HistoryWriter writer, OperatorApiClient services, IOptions<DashboardOptions> options)
{
    private const string WithoutLedger = "ingress";

    // The notifier mails the questions of other services, but asks none. It has no list of questions.
    private const string WithoutQuestions = "notifier";

    public async Task<IReadOnlyList<LedgerCounts>> RunAsync(CancellationToken cancellationToken)
    {
        var counts = new List<LedgerCounts>();
        foreach (var service in options.Value.Services.Keys.Where(service => !service.Equals(WithoutLedger, StringComparison.OrdinalIgnoreCase)))
        {
            var (actions, fault) = await CopyAsync(service, "actions", DashboardJson.Default.LedgerPageLedgerAction, From, cancellationToken);
            var (questions, questionFault) = fault is null && !service.Equals(WithoutQuestions, StringComparison.OrdinalIgnoreCase)
                ? await CopyAsync(service, "approvals", DashboardJson.Default.LedgerPageLedgerQuestion, From, cancellationToken)
                : (0, null);
            counts.Add(new(service, actions, questions, fault ?? questionFault));
        }

        return counts;
    }

    private async Task<(int Count, string? Fault)> CopyAsync<T>(
        string service, string list, JsonTypeInfo<LedgerPage<T>> contract, Func<T, IEnumerable<HistoryEntry>> convert, CancellationToken cancellationToken)
    {
        var (count, continuation) = (0, "");
        do
        {
            var answer = await services.SendAsync(service, HttpMethod.Get, $"{list}?limit=200{continuation}", cancellationToken);
            if (!answer.IsSuccess)
            {
                return (count, answer.Message);
            }

            if (Read(answer.Body, contract) is not { Items: { } items } page)
            {
                return (count, $"{service} answered GET /{list} without a list. Check that {service} and the dashboard have the same version.");
            }

            await Task.WhenAll(items.SelectMany(convert).Select(entry => writer.WriteAsync(entry, cancellationToken)));
            count += items.Count;
            continuation = page.Continuation is { Length: > 0 } next ? $"&continuation={Uri.EscapeDataString(next)}" : "";
        }
        while (continuation.Length > 0);
        return (count, null);
    }

    private static LedgerPage<T>? Read<T>(JsonElement body, JsonTypeInfo<LedgerPage<T>> contract)
    {
        try
        {
            return body.Deserialize(contract);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A service lists an action with the status 'unknown' if a newer version of the service wrote the action.
    private static IEnumerable<HistoryEntry> From(LedgerAction action)
    {
        if (action is not { Event: { } cause, Status: not "unknown" })
        {
            return [];
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{action.Id}-{action.Generation}-{action.Status}-{action.Stage}-{action.Attempt}");
        var changed = new ActionChanged(action.Service, action.Rule, action.Id, action.Status, action.Stage, action.Attempt, action.CorrelationId, cause, action.Detail, action.Links)
        {
            RuleVersion = action.RuleVersion,
            Generation = action.Generation,
        };
        var entry = ActivityEntries.From(id, changed, action.UpdatedAt);
        return [entry with { Action = entry.Action with { StartedAt = action.CreatedAt } }];
    }

    private static IEnumerable<HistoryEntry> From(LedgerQuestion question) =>
    [
        ApprovalEntries.From(
            new ApprovalRequested(
                question.Service, question.Rule, question.Id, question.Generation, question.CorrelationId, question.Event, question.From, question.Before, question.Evidence, question.ExpiresAt,
                question.OnTimeout, question.Required, question.Links),
            question.AskedAt),
    ];
}

/// <summary>The numbers of entries that were read from the ledger of a service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Actions">The number of actions.</param>
/// <param name="Questions">The number of questions.</param>
/// <param name="Fault">The reason why the ledger could not be read completely; null if it was read.</param>
internal sealed record LedgerCounts(string Service, int Actions, int Questions, string? Fault);
