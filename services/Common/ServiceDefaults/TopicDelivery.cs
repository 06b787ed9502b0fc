using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.ServiceDefaults;

/// <summary>Passes the messages that the sidecar delivers on a topic to a handler, and answers with the outcome of each message.</summary>
/// <param name="topic">The topic.</param>
/// <param name="handler">Handles each message.</param>
/// <param name="slots">Limits the bulk messages that are handled at the same time; null if each request has a single message, because the sidecar then limits the messages.</param>
/// <param name="time">Measures how long entries of a bulk message wait.</param>
/// <param name="logger">Receives the outcomes that are not a success.</param>
internal sealed partial class TopicDelivery(string topic, ITopicHandler handler, DeliverySlots? slots, TimeProvider time, ILogger logger)
{
    /// <summary>Handles one message, or the messages of a bulk message.</summary>
    public async Task<Results<JsonHttpResult<TopicAnswer>, JsonHttpResult<BulkTopicAnswer>>> HandleAsync(HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        await (slots?.EnterAsync(cancellationToken) ?? Task.CompletedTask);
        try
        {
            // The document is not pooled, so the events can refer to it without a copy.
            var body = await ParseAsync(request.BodyReader, cancellationToken);
            if (BulkTopicMessage.FindEntries(body) is { } entries)
            {
                var outcomes = await BulkDelivery.HandleAsync(entries, HandleAsync, time, cancellationToken);
                if (outcomes.Count(outcome => outcome == BulkDelivery.NotBegun) is > 0 and var count)
                {
                    LogNotBegun(count, topic, BulkDelivery.NotBegun.Status, BulkDelivery.NotBegun.Reason);
                }

                return Answer(entries, outcomes);
            }

            return Answer(await HandleAsync(body, cancellationToken));
        }
        catch (JsonException exception)
        {
            return Answer(Report(Outcome.Drop($"the message is not JSON: {exception.Message}")));
        }
        finally
        {
            slots?.Leave();
        }
    }

    private static async Task<JsonElement> ParseAsync(PipeReader body, CancellationToken cancellationToken)
    {
        ReadResult read;
        while (!(read = await body.ReadAsync(cancellationToken)).IsCompleted)
        {
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        try
        {
            return read.Buffer.IsSingleSegment ? JsonElement.Parse(read.Buffer.FirstSpan, JsonLimits.Bulk) : Parse(read.Buffer);
        }
        finally
        {
            // Without this call, Kestrel cannot read the next request of the connection.
            body.AdvanceTo(read.Buffer.End);
        }
    }

    // The element has its own copy of the text, so the joined segments are needed only while they are parsed.
    private static JsonElement Parse(in ReadOnlySequence<byte> body)
    {
        var (length, joined) = ((int)body.Length, ArrayPool<byte>.Shared.Rent((int)body.Length));
        try
        {
            body.CopyTo(joined);
            return JsonElement.Parse(joined.AsSpan(0, length), JsonLimits.Bulk);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    private static JsonHttpResult<TopicAnswer> Answer(Outcome outcome) => TypedResults.Json(new TopicAnswer(outcome.Status), TopicAnswerJson.Default.TopicAnswer);

    private static JsonHttpResult<BulkTopicAnswer> Answer(IReadOnlyList<TopicEntry> entries, Outcome[] outcomes) => TypedResults.Json(
        new BulkTopicAnswer([.. entries.Zip(outcomes, (entry, outcome) => new EntryStatus(entry.Id, outcome.Status))]), TopicAnswerJson.Default.BulkTopicAnswer);

    private async Task<Outcome> HandleAsync(JsonElement envelope, CancellationToken cancellationToken)
    {
        var (message, error) = Read(envelope);
        if (message is null)
        {
            return Report(Outcome.Drop(error ?? "the message cannot be read"));
        }

        using var span = DeliverySpans.Start(topic, message);
        var outcome = await HandleAsync(message, cancellationToken);
        DeliverySpans.Report(span, outcome);
        return outcome;
    }

    private async Task<Outcome> HandleAsync(WorkflowEvent message, CancellationToken cancellationToken)
    {
        try
        {
            await handler.HandleAsync(message, cancellationToken);
            return Outcome.Done;
        }
        catch (Exception exception) when (IsTransient(exception, cancellationToken))
        {
            return Report(Outcome.Retry(exception.Message));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogUnexpected(exception, message.Id, message.Type);
            return Report(Outcome.Drop("the handler failed, and a later delivery would fail in the same way; see the previous error in the log"));
        }
    }

    // Clients report their own time-outs as OperationCanceledException.
    private static bool IsTransient(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        AggregateException failures => failures.InnerExceptions.Any(failure => failure is OperationCanceledException || DaprFailures.IsTransient(failure)),
        _ => DaprFailures.IsTransient(exception),
    };

    private static (WorkflowEvent? Event, string? Error) Read(JsonElement envelope)
    {
        try
        {
            return WorkflowEvent.TryRead(envelope, isOwned: true, out var message, out var error) ? (message, null) : (null, error);
        }
        catch (InvalidOperationException exception)
        {
            // System.Text.Json throws this exception for text that is not valid Unicode.
            return (null, $"the message is not JSON: {exception.Message}");
        }
    }

    private Outcome Report(Outcome outcome)
    {
        LogNotDone(topic, outcome.Status, outcome.Reason);
        return outcome;
    }

    [LoggerMessage(1, LogLevel.Warning, "A message on {Topic} was answered {Status}: {Reason}")]
    private partial void LogNotDone(string topic, string status, string? reason);

    [LoggerMessage(3, LogLevel.Warning, "{Count} messages on {Topic} were answered {Status}: {Reason}")]
    private partial void LogNotBegun(int count, string topic, string status, string? reason);

    [LoggerMessage(2, LogLevel.Error, "Handling event {EventId} of type {EventType} failed; the event goes to the dead letters. Fix the cause and replay the event")]
    private partial void LogUnexpected(Exception exception, string eventId, string eventType);
}
