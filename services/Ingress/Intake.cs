using System.Globalization;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using MLEvents.Ingress.Reading;

namespace MLEvents.Ingress;

/// <summary>Takes a request's events: 200 only when each is in the broker or in quarantine.</summary>
internal sealed partial class Intake(EventPublisher publisher, IOptionsMonitor<IngressOptions> options, IngressTelemetry telemetry, ILogger<Intake> logger)
{
    public async Task<IResult> TakeAsync(HttpRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var (read, fault) = RequestReader.Read(request.Headers, body);
        try
        {
            await publisher.PublishAsync(read, request.Headers, cancellationToken);
        }
        catch (NotAllPublishedException exception)
        {
            LogNotPublished(exception);
            return TryLater(request.HttpContext.Response);
        }

        foreach (var part in read.Unreadable)
        {
            LogQuarantined(part.Reason);
        }

        return fault is null ? TypedResults.Ok() : Refuse(StatusCodes.Status400BadRequest, "The body is no event and no batch of events.", fault);
    }

    public ProblemHttpResult TooLarge(int limit) => Refuse(
        StatusCodes.Status413PayloadTooLarge,
        "The body is too large.",
        $"At most {limit} bytes are taken; lower preferredBatchSizeInKilobytes of the event subscription, or raise Ingress:MaxBodyBytes.");

    private ProblemHttpResult TryLater(HttpResponse response)
    {
        response.Headers.RetryAfter = options.CurrentValue.RetryAfter.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
        return Refuse(StatusCodes.Status503ServiceUnavailable, "The broker does not take events now.", "Nothing is lost: deliver the request again.");
    }

    private ProblemHttpResult Refuse(int status, string title, string detail)
    {
        telemetry.Refused(status);
        return TypedResults.Problem(statusCode: status, title: title, detail: detail);
    }

    [LoggerMessage(1, LogLevel.Error, "Answered 503, so that Event Grid delivers again; check the broker and the Dapr sidecar")]
    private partial void LogNotPublished(Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Quarantined {Reason}")]
    private partial void LogQuarantined(string reason);
}
