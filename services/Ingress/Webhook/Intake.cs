using System.Globalization;
using System.Text;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using MLEvents.Events.Reading;
using MLEvents.Ingress.Senders;

namespace MLEvents.Ingress.Webhook;

/// <summary>Accepts a request's events. Answers 200 only when each event is in the broker or in quarantine.</summary>
internal sealed partial class Intake(
    RequestReader reader, EventPublisher publisher, BodyLimiter limiter, IOptionsMonitor<IngressOptions> options, IngressTelemetry telemetry, ILogger<Intake> logger)
{
    /// <summary>Publishes the events of a body.</summary>
    public async Task<Results<Ok<ValidationResponse>, Ok, ProblemHttpResult>> AcceptAsync(HttpRequest request, RequestBody body, CancellationToken cancellationToken)
    {
        using var room = await limiter.EnterAsync(body.Bytes.Length, cancellationToken);
        if (room is null)
        {
            LogBusy();
            return RefuseTemporarily(request.HttpContext.Response, "Too many requests are being handled now.");
        }

        return await PublishAsync(request, body.Oversized is { } oversized ? Describe(oversized) : reader.Read(request.Headers, body.Bytes, request.HttpContext.Features.Get<Sender>()), cancellationToken);
    }

    private async Task<Results<Ok<ValidationResponse>, Ok, ProblemHttpResult>> PublishAsync(HttpRequest request, RequestContent content, CancellationToken cancellationToken)
    {
        try
        {
            await publisher.PublishAsync(content.Batch, request.Headers, request.HttpContext.Features.Get<Sender>(), cancellationToken);
        }
        catch (NotAllPublishedException exception)
        {
            LogNotPublished(exception);
            return RefuseTemporarily(request.HttpContext.Response, exception.Title);
        }

        foreach (var part in content.Batch.Unreadable)
        {
            LogQuarantined(part.Reason);
        }

        return content.Fault is null ? TypedResults.Ok() : Refuse(content.Fault);
    }

    // Event Grid does not repeat a request that was answered with 413, so the quarantine records the refusal.
    private RequestContent Describe(OversizedBody body)
    {
        var limit = options.CurrentValue.MaxBodyBytes;
        var size = body.Announced is { } announced ? $"{announced} bytes" : $"at least {body.Hashed} bytes";
        var fact = $"a body of {size} was refused, because Ingress:MaxBodyBytes is {limit}; the body is not kept. SHA-256 of the first {body.Hashed} bytes: {body.Sha256}";
        return new RequestContent(
            new EventBatch([], [new UnreadableElement(fact, Encoding.UTF8.GetBytes(fact))]),
            new RequestFault(
                StatusCodes.Status413PayloadTooLarge,
                "The body is too large.",
                $"The limit is {limit} bytes; lower preferredBatchSizeInKilobytes of the event subscription, or raise Ingress:MaxBodyBytes."));
    }

    private ProblemHttpResult RefuseTemporarily(HttpResponse response, string title)
    {
        response.Headers.RetryAfter = options.CurrentValue.RetryAfter.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
        return Refuse(new RequestFault(StatusCodes.Status503ServiceUnavailable, title, "Nothing is lost: deliver the request again."));
    }

    private ProblemHttpResult Refuse(RequestFault fault)
    {
        telemetry.Refused(fault.Status);
        return TypedResults.Problem(statusCode: fault.Status, title: fault.Title, detail: fault.Detail);
    }

    [LoggerMessage(1, LogLevel.Error, "Answered 503, so that Event Grid delivers again; check the broker, the state store and the Dapr sidecar")]
    private partial void LogNotPublished(Exception exception);

    [LoggerMessage(
        3, LogLevel.Warning,
        "Answered 503, so that Event Grid delivers again: the body waited too long, or too many bytes were already waiting. "
            + "The limits depend on Ingress:PublishTimeout and Ingress:MaxBodyBytes")]
    private partial void LogBusy();

    [LoggerMessage(2, LogLevel.Warning, "Quarantined input: {Reason}")]
    private partial void LogQuarantined(string reason);
}
