using System.Net.Sockets;
using System.Text.Json;

using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.Runtime;
using MLEvents.Local.Sidecar.Telemetry;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Waits for the app, reads its subscriptions, and runs them until the sidecar stops.</summary>
internal sealed partial class SubscriptionService(
    AppRuntime runtime, AppChannel app, DeclaredSubscriptions declared, SidecarMetrics metrics, ILoggerFactory loggers) : IHostedService, IDisposable
{
    private const double AppPollGrowth = 1.1;
    private static readonly TimeSpan AppPollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxAppPollInterval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger<SubscriptionService>();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly List<IAsyncDisposable> _running = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _start = Task.CompletedTask;

    /// <summary>The app's subscriptions, as <c>/v1.0/metadata</c> lists them.</summary>
    public IReadOnlyList<TopicSubscription> Current { get; private set; } = [];

    /// <summary>
    /// Whether the sidecar has started the subscriptions of the app, or has no app. As in daprd, a subscription to an unknown component or to a topic
    /// that the app may not use is only logged and does not keep the sidecar from being ready.
    /// </summary>
    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>Completes when <see cref="IsReady"/> becomes true.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Whether the sidecar cancelled deliveries because they did not end in time while it stopped.</summary>
    public bool WasCutOff { get; private set; }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _start = Task.Run(RunAsync, cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _start;
        var ended = Task.WhenAll(_running.Select(subscription => subscription.DisposeAsync().AsTask()));
        await Task.WhenAny(ended, Task.Delay(runtime.Options.GracefulShutdown, runtime.Time, cancellationToken));
        WasCutOff = !ended.IsCompleted;
        await _abort.CancelAsync();
        await ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _abort.Dispose();
    }

    /// <summary>Merges subscriptions. The last of several subscriptions to a topic is used, so a programmatic subscription replaces a declared one.</summary>
    internal static List<TopicSubscription> Merge(IEnumerable<TopicSubscription> declared, IEnumerable<TopicSubscription> programmatic)
    {
        var merged = new List<TopicSubscription>();
        foreach (var subscription in declared.Concat(programmatic))
        {
            var same = merged.FindIndex(other => other.PubSub == subscription.PubSub && other.Topic == subscription.Topic);
            if (same >= 0)
            {
                merged[same] = subscription;
            }
            else
            {
                merged.Add(subscription);
            }
        }

        return merged;
    }

    private async Task RunAsync()
    {
        try
        {
            if (app.HasApp)
            {
                await WaitForAppAsync(_stop.Token);
                await StartSubscriptionsAsync(_stop.Token);
            }

            _ready.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            LogStoppedEarly();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogNotStarted(exception);
        }
    }

    private async Task WaitForAppAsync(CancellationToken cancellationToken)
    {
        LogWaiting(runtime.Options.AppPort ?? 0);
        var wait = AppPollInterval;
        while (!await IsListeningAsync(cancellationToken))
        {
            await Task.Delay(wait, runtime.Time, cancellationToken);
            // The interval grows: an app that starts soon is found quickly, and a long wait needs few attempts.
            wait = wait * AppPollGrowth < MaxAppPollInterval ? wait * AppPollGrowth : MaxAppPollInterval;
        }

        LogDiscovered(runtime.Options.AppPort ?? 0);
    }

    private async Task<bool> IsListeningAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(runtime.Options.AppChannelAddress, runtime.Options.AppPort ?? 0, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task StartSubscriptionsAsync(CancellationToken cancellationToken)
    {
        await AskAsync("/dapr/config", cancellationToken);
        Current = Merge(declared.All, await AskForSubscriptionsAsync(cancellationToken));
        foreach (var subscription in Current)
        {
            await StartAsync(subscription, cancellationToken);
        }
    }

    private async Task StartAsync(TopicSubscription subscription, CancellationToken cancellationToken)
    {
        if (!runtime.Components.TryGet<IPubSub>(subscription.PubSub, out var component))
        {
            LogUnknownPubSub(subscription.Topic, subscription.PubSub);
            return;
        }

        if (!component.Scopes.MaySubscribe(subscription.Topic))
        {
            LogForbidden(subscription.Topic, subscription.PubSub, runtime.AppId);
            return;
        }

        var policies = runtime.Policies.Inbound(subscription.PubSub);
        IDelivery delivery = subscription.BatchSize is null
            ? new TopicDelivery(subscription, app, policies, runtime.Time, loggers.CreateLogger<TopicDelivery>())
            : new BulkDelivery(subscription, app, policies, runtime.Time, loggers.CreateLogger<BulkDelivery>());
        _running.Add(await SubscribeAsync(component, subscription, DeliverAsync, cancellationToken));
        LogSubscribed(subscription.Topic, subscription.PubSub);

        async Task DeliverAsync(LeasedBatch batch, CancellationToken stop)
        {
            await delivery.DeliverAsync(batch, stop, _abort.Token);
            foreach (var (settlement, messages) in batch.Messages.CountBy(message => message.Settlement ?? Settlement.Defer))
            {
                metrics.Delivered(subscription.PubSub, subscription.Topic, settlement.ToString(), messages);
            }
        }
    }

    /// <summary>Subscribes, and retries while the broker fails: when many processes start, the database of the broker may be locked for longer than the busy timeout.</summary>
    private async Task<IAsyncDisposable> SubscribeAsync(
        IPubSub component, TopicSubscription subscription, Func<LeasedBatch, CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        var request = new TopicRequest(subscription.Topic, subscription.DeadLetterTopic, subscription.BatchSize);
        while (true)
        {
            try
            {
                return await component.SubscribeAsync(request, handler, cancellationToken);
            }
            catch (SqliteException exception)
            {
                LogNotSubscribed(exception, subscription.Topic, subscription.PubSub);
                await Task.Delay(MaxAppPollInterval, runtime.Time, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<TopicSubscription>> AskForSubscriptionsAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync("/dapr/subscribe", cancellationToken);
        if (answer.Status != StatusCodes.Status200OK)
        {
            LogNoAnswer(answer.Status == StatusCodes.Status404NotFound ? LogLevel.Debug : LogLevel.Error, answer.Status);
            return [];
        }

        try
        {
            var (subscriptions, problems) = SubscribeAnswer.Read(answer.Body);
            foreach (var problem in problems)
            {
                LogProblem(problem);
            }

            return subscriptions;
        }
        catch (JsonException exception)
        {
            LogBadAnswer(exception);
            return [];
        }
    }

    /// <summary>Repeats the request until the app answers, because an app may listen before it can answer.</summary>
    private async Task<AppResponse> AskAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path) { Content = new ReadOnlyMemoryContent(default) };
                request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
                request.Headers.Add("Dapr-App-Id", runtime.AppId);
                return await app.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(AppPollInterval, runtime.Time, cancellationToken);
            }
        }
    }
}
