using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Api;

/// <summary>Answers with daprd's error body when an HTTP route throws a <see cref="DaprException"/>.</summary>
internal sealed class DaprErrorMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (DaprException exception) when (!context.Response.HasStarted)
        {
            await DaprErrorWriter.WriteAsync(context, exception.Error);
        }
    }
}
