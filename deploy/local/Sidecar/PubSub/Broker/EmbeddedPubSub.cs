using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>
/// <c>pubsub.embedded</c>: a durable broker in a SQLite file, which sidecars of several processes can share.
/// <c>pubsub.in-memory</c>: the same broker for one sidecar; its messages are lost when the sidecar ends.
/// </summary>
internal sealed class EmbeddedPubSub(ComponentContext context, bool inMemory) : IPubSub
{
    private readonly EmbeddedPubSubOptions _options = EmbeddedPubSubOptions.From(context.Spec, context.Options.AppId);
    private readonly ILogger _logger = context.Loggers.CreateLogger<EmbeddedPubSub>();
    private readonly string? _file = inMemory ? null : EmbeddedPubSubOptions.File(context);
    private BrokerEngine? _engine;
    private BrokerMaintenance? _maintenance;

    /// <inheritdoc/>
    public TopicScopes Scopes { get; } = new(context.Spec, context.Options.AppId);

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => [];

    private BrokerEngine Engine => _engine ?? throw new InvalidOperationException("the component is not initialized");

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken)
    {
        _engine = _file is null ? SharedEngines.Private(context.Time, _logger) : SharedEngines.Join(_file, _options.BusyTimeout, context.Time, _logger);
        _maintenance = new BrokerMaintenance(_engine, _options.Retention, context.Time, _logger);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task PublishAsync(string topic, IReadOnlyList<BrokerMessage> messages) => Engine.PublishAsync(topic, messages, _options.MaxLength);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> SubscribeAsync(TopicRequest request, Func<LeasedBatch, CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        var group = await Engine.RunAsync(store =>
        {
            var id = store.Group(request.Topic, _options.Consumer);
            store.MarkActive(id);
            foreach (var owner in store.Owners().Where(owner => !LeaseOwner.IsAlive(owner)))
            {
                store.Release(owner);
            }

            return id;
        });
        var consumer = new ConsumerGroup(group, request.Topic, request.DeadLetterTopic);
        return new BrokerSubscription(Engine, consumer, request.BatchSize, _options, handler, context.Time, _logger);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Backlog>> BacklogAsync() => Engine.RunAsync(store => store.Backlog());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_engine is null)
        {
            return;
        }

        await (_maintenance?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_file is null ? _engine.DisposeAsync().AsTask() : SharedEngines.LeaveAsync(_file));
    }
}
