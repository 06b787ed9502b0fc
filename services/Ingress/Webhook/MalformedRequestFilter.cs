namespace MLEvents.Ingress.Webhook;

/// <summary>
/// Answers a malformed request body, for instance a malformed chunk, with the status that the server chose, such as 400. Without the filter, the answer is 500.
/// </summary>
internal sealed class MalformedRequestFilter(IngressTelemetry telemetry) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (BadHttpRequestException exception)
        {
            telemetry.Refused(exception.StatusCode);
            return TypedResults.Problem(statusCode: exception.StatusCode, title: "The request is malformed.", detail: exception.Message);
        }
    }
}
