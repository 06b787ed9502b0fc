using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.Api;

/// <summary>
/// Copies the caller's trace headers to the answer, except for health probes. Without a trace, the <c>traceparent</c> of the answer consists of zeros, as in daprd.
/// </summary>
internal sealed class TraceMiddleware(RequestDelegate next)
{
    private static readonly PathString Health = new("/v1.0/healthz");

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.Path.StartsWithSegments(Health, StringComparison.Ordinal))
        {
            var headers = context.Response.Headers;
            headers.TraceParent = TraceContext.From(request.Headers).ParentOrZero;
            if (request.Headers.TraceState.Count > 0)
            {
                headers.TraceState = request.Headers.TraceState;
            }

            if (request.Headers.Baggage.Count > 0)
            {
                headers.Baggage = request.Headers.Baggage;
            }
        }

        return next(context);
    }
}
