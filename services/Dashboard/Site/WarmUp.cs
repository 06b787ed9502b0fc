using System.Security.Claims;

using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

using MLEvents.Dashboard.Access;
using MLEvents.Dashboard.History;
using MLEvents.Events;
using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Site;

/// <summary>
/// Requests the first pages once when the database is ready. The code that all pages share is then compiled before the first request of a user. The requests go through the whole pipeline,
/// because routing, authentication and authorization are compiled at their first use, too. A native program compiles nothing, so the requests only fill its caches, which takes little time.
/// </summary>
internal sealed partial class WarmUp(HistoryDatabase database, RequestPipeline pipeline, IServiceScopeFactory scopes, IOptions<DashboardOptions> options, ILogger<WarmUp> logger) : BackgroundService
{
    private static readonly string[] Pages = ["/", "/events"];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the pages are rendered, or cannot be rendered.</summary>
    public Task Done => _done.Task;

    /// <summary>The reason why the pages could not be rendered; otherwise null.</summary>
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
            var handle = await pipeline.Built.WaitAsync(stoppingToken);
            foreach (var page in Pages)
            {
                await RequestAsync(handle, page, stoppingToken);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // The warm-up is optional. If the fault persists, the pages themselves report it to users.
            Fault = exception.Message;
            LogFailed(exception);
        }

        // The warm-up leaves up to 8 MiB of garbage, and can end after StartupMemory has released the memory of the start.
        StartupMemory.Release();
        _done.TrySetResult();
    }

    private async Task RequestAsync(RequestDelegate handle, string page, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = new DefaultHttpContext
        {
            RequestServices = scope.ServiceProvider,
            RequestAborted = cancellationToken,

            // The request has no cookie that could replace this user, and the user may read the pages. The pages of the local user have no sign-out form.
            // The antiforgery token of such a form would load the data protection keys.
            User = new ClaimsPrincipal(OperatorIdentity.Create(LocalUser.Name, [OperatorRoles.Reader])),
        };
        context.Request.Method = HttpMethods.Get;
        context.Request.Scheme = options.Value.IsSecure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        context.Request.Host = new HostString("localhost");
        context.Request.Path = page;
        context.Response.Body = Stream.Null;
        await handle(context);
        if (context.Response.StatusCode != StatusCodes.Status200OK)
        {
            throw new InvalidOperationException($"The page {page} answered {context.Response.StatusCode}.");
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
