namespace MLEvents.Dashboard.Site;

/// <summary>Stores the request pipeline of the service, so that the service can send requests to itself without a connection.</summary>
internal sealed class RequestPipeline : IStartupFilter
{
    private readonly TaskCompletionSource<RequestDelegate> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the pipeline when the service starts to listen.</summary>
    public Task<RequestDelegate> Built => _built.Task;

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(pipeline =>
        {
            _built.TrySetResult(pipeline);
            return pipeline;
        });
        next(app);
    };
}
