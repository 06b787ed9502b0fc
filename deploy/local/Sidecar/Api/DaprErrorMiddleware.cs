using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Api;

/// <summary>Turns a <see cref="DaprException"/> of any HTTP route into daprd's error body.</summary>
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
