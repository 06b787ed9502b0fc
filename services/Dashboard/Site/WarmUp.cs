using System.Security.Claims;

using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Site;

/// <summary>Renders the first pages once when the database is ready. The code and the queries that all pages share are then compiled before the first request of a user.</summary>
internal sealed partial class WarmUp(HistoryDatabase database, EndpointDataSource endpoints, IServiceScopeFactory scopes, IOptions<DashboardOptions> options, ILogger<WarmUp> logger) : BackgroundService
{
    private static readonly string[] Pages = ["/", "/events"];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the pages are rendered, or cannot be rendered.</summary>
    public Task Done => _done.Task;

    /// <summary>The reason why the pages could not be rendered; null if they could.</summary>
    public string? Fault { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.WarmUp)
        {
            _done.TrySetResult();
            return;
        }

        await database.Ready.WaitAsync(stoppingToken);
        try
        {
            foreach (var endpoint in endpoints.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && Pages.Contains(endpoint.RoutePattern.RawText)))
            {
                await RenderAsync(endpoint, stoppingToken);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // The warm-up is optional. If the fault persists, the pages themselves report it to users.
            Fault = exception.Message;
            LogFailed(exception);
        }

        _done.TrySetResult();
    }

    // The endpoint is called without the middleware, because the result is discarded and needs no authenticated user.
    private async Task RenderAsync(RouteEndpoint endpoint, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = new DefaultHttpContext
        {
            RequestServices = scope.ServiceProvider,
            RequestAborted = cancellationToken,
            User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, nameof(WarmUp))], nameof(WarmUp))),
        };
        context.Request.Method = HttpMethods.Get;
        context.Request.Scheme = Uri.UriSchemeHttp;
        context.Request.Host = new HostString("localhost");
        context.Request.Path = endpoint.RoutePattern.RawText;
        context.Response.Body = Stream.Null;
        context.SetEndpoint(endpoint);
        if (endpoint.RequestDelegate is { } render)
        {
            await render(context);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The pages were not rendered in advance; the first request takes longer")]
    private partial void LogFailed(Exception exception);
}

/// <summary>Reports that the service is not ready until the first pages have been rendered once.</summary>
internal sealed class WarmUpHealthCheck(WarmUp warmUp) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        warmUp.Done.IsCompleted ? HealthCheckResult.Healthy(warmUp.Fault is { } fault ? $"the pages were not rendered in advance: {fault}" : "the pages are ready") : new HealthCheckResult(context.Registration.FailureStatus, "the pages are being rendered for the first time, or are waiting for the history database"));
}
