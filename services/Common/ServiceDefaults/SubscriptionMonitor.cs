using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

using Dapr;

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using OpenTelemetry;

namespace MLEvents.ServiceDefaults;

/// <summary>Shuts the Dapr sidecar down if it runs without the subscriptions of this service. Whatever started the sidecar then starts it again.</summary>
/// <remarks>
/// A sidecar asks its service for the subscriptions when it starts. If the service ends before it answers, daprd 1.17 stays healthy, never asks again and delivers no message.
/// Only the service can notice this, because only the service knows that it has subscriptions. The list of subscriptions in <c>/v1.0/metadata</c> is then empty.
/// </remarks>
internal sealed partial class SubscriptionMonitor(
    SidecarClient sidecar, IConfiguration configuration, EndpointDataSource endpoints, IOptions<SidecarAccessOptions> options, TimeProvider time, ILogger<SubscriptionMonitor> logger)
    : BackgroundService
{
    // One check is not enough, because a sidecar that has just started has not requested its subscriptions yet.
    private const int ChecksUntilShutdown = 2;
    private volatile int _checksWithoutSubscriptions;

    /// <summary>Whether the last check found a sidecar without subscriptions and did not shut it down.</summary>
    public bool WithoutSubscriptions => _checksWithoutSubscriptions > 0;

    /// <summary>The health of a sidecar that answers.</summary>
    public HealthCheckResult Result => WithoutSubscriptions
        ? HealthCheckResult.Degraded("the Dapr sidecar has no subscriptions, so it delivers no messages; this service shuts it down if that does not change")
        : HealthCheckResult.Healthy("the Dapr sidecar answers");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.SubscriptionCheckInterval == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.SubscriptionCheckInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !stoppingToken.IsCancellationRequested))
            {
                // The health check of the sidecar reports a sidecar that does not answer.
                LogNotChecked(exception.Message);
            }
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (!endpoints.Endpoints.Any(endpoint => endpoint.Metadata.GetMetadata<ITopicMetadata>() is not null))
        {
            return;
        }

        using var quiet = ServiceDefaultsExtensions.IsTelemetryExported(configuration) ? BeginQuiet() : null;
        if (await HasSubscriptionsAsync(cancellationToken))
        {
            _checksWithoutSubscriptions = 0;
            return;
        }

        _checksWithoutSubscriptions++;
        if (_checksWithoutSubscriptions >= ChecksUntilShutdown)
        {
            await ShutDownAsync(cancellationToken);
        }
    }

    // A separate method, so that OpenTelemetry is loaded only if it is used.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IDisposable BeginQuiet() => SuppressInstrumentationScope.Begin();

    // The embedded sidecar answers 501. This answer is not reported as an error, because the embedded sidecar asks for the subscriptions until it gets them and needs no restart.
    private async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendAsync(HttpMethod.Post, "/v1.0/shutdown", cancellationToken);
            LogShutdown(sidecar.Address);
            _checksWithoutSubscriptions = 0;
        }
        catch (HttpRequestException exception) when (exception.StatusCode != HttpStatusCode.NotImplemented)
        {
            LogNotShutDown(sidecar.Address, exception.Message);
        }
    }

    private async Task<bool> HasSubscriptionsAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, "/v1.0/metadata", cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var metadata = await JsonSerializer.DeserializeAsync(body, SidecarMetadataJson.Default.SidecarMetadata, cancellationToken);

        // Only a sidecar that has an app and names its version must list subscriptions. A sidecar without an app delivers nothing.
        // A sidecar that is too old to name its version does not list its subscriptions.
        return metadata is not { RuntimeVersion.Length: > 0, AppConnectionProperties.Port: > 0 } or { Subscriptions.Count: > 0 };
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken) =>
        (await sidecar.SendAsync(method, path, cancellationToken)).EnsureSuccessStatusCode();

    [LoggerMessage(1, LogLevel.Error, "The Dapr sidecar at {Sidecar} had no subscriptions, so it delivered no message to this service. The service shut it down; its platform must start it again.")]
    private partial void LogShutdown(Uri sidecar);

    [LoggerMessage(2, LogLevel.Error, "The Dapr sidecar at {Sidecar} has no subscriptions, so it delivers no message to this service. The service could not shut it down: {Reason} Restart the sidecar.")]
    private partial void LogNotShutDown(Uri sidecar, string reason);

    [LoggerMessage(3, LogLevel.Debug, "The subscriptions of the Dapr sidecar could not be checked: {Reason}")]
    private partial void LogNotChecked(string reason);
}

/// <summary>The answer of <c>GET /v1.0/metadata</c>.</summary>
/// <param name="RuntimeVersion">The version of the sidecar.</param>
/// <param name="Subscriptions">Null if the sidecar has none.</param>
/// <param name="AppConnectionProperties">How the sidecar reaches its service.</param>
internal sealed record SidecarMetadata(string? RuntimeVersion, IReadOnlyList<JsonElement>? Subscriptions, SidecarMetadata.Connection? AppConnectionProperties)
{
    /// <param name="Port">The port of the service. Null or 0 if the sidecar has no service.</param>
    internal sealed record Connection(int? Port);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SidecarMetadata))]
internal sealed partial class SidecarMetadataJson : JsonSerializerContext;
