using System.Net;
using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;

namespace MLEvents.Local.Sidecar.Bindings;

/// <summary>Once the app is there, asks it which input bindings it handles, and runs those until the sidecar stops.</summary>
internal sealed partial class InputBindings(AppRuntime runtime, SubscriptionService subscriptions, ILogger<InputBindings> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!runtime.App.HasApp)
        {
            return;
        }

        await subscriptions.Ready.WaitAsync(stoppingToken);
        var running = new List<Task>();
        foreach (var (name, binding) in runtime.Components.OfType<IInputBinding>().Where(input => input.Component.IsInput))
        {
            if (binding.IsDemanded || await IsHandledAsync(binding, stoppingToken))
            {
                LogStarted(name, binding.Route);
                running.Add(binding.RunAsync((message, token) => DeliverAsync(name, binding.Route, message, token), stoppingToken));
            }
            else
            {
                LogNotHandled(name, binding.Route);
            }
        }

        await Task.WhenAll(running);
    }

    // daprd's rule: any answer but 404 says yes, even 405.
    private async Task<bool> IsHandledAsync(IInputBinding binding, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Options, binding.Route, ReadOnlyMemory<byte>.Empty);
        try
        {
            return (await runtime.App.SendAsync(request, cancellationToken)).Status != StatusCodes.Status404NotFound;
        }
        catch (HttpRequestException exception)
        {
            LogNoAnswer(exception, binding.Route);
            return false;
        }
    }

    private Task<AppResponse> DeliverAsync(string name, string route, BindingMessage message, CancellationToken cancellationToken) =>
        runtime.Policies.Inbound(name).RunAsync(
            async token =>
            {
                using var request = Request(HttpMethod.Post, route, message.Data);
                MetadataHeaders.Add(request.Headers, message.Metadata);
                var response = await runtime.App.SendAsync(request, token);
                return response.IsSuccess
                    ? response
                    : throw new HttpRequestException($"the app answered {response.Status} on {route}", null, (HttpStatusCode)response.Status);
            },
            cancellationToken);

    private static HttpRequestMessage Request(HttpMethod method, string route, ReadOnlyMemory<byte> body)
    {
        var request = new HttpRequestMessage(method, route) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return request;
    }

    [LoggerMessage(1, LogLevel.Information, "Input binding {Name} calls the app on {Route}")]
    private partial void LogStarted(string name, string route);

    [LoggerMessage(2, LogLevel.Information, "The app does not handle input binding {Name}: it answers 404 to OPTIONS {Route}")]
    private partial void LogNotHandled(string name, string route);

    [LoggerMessage(3, LogLevel.Error, "The app did not answer OPTIONS {Route}; this input binding stays off")]
    private partial void LogNoAnswer(HttpRequestException exception, string route);
}
