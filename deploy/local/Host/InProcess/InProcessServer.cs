using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace MLEvents.Local.Host.InProcess;

/// <summary>A server that also accepts calls from this process. All other requests arrive at the server that it wraps.</summary>
internal sealed class InProcessServer(IServer server, InProcessApp app) : IServer
{
    /// <inheritdoc/>
    public IFeatureCollection Features => server.Features;

    /// <summary>Lets an app accept calls from this process too.</summary>
    /// <param name="services">The services of the app, with the server that it already has.</param>
    /// <param name="app">The app that the handlers call.</param>
    public static void Add(IServiceCollection services, InProcessApp app)
    {
        var registered = services.Last(service => service.ServiceType == typeof(IServer));
        var type = registered.ImplementationType ?? throw new InvalidOperationException("The server of the app is not registered by its type.");
        services.Remove(registered);
        services.AddSingleton<IServer>(provider => new InProcessServer((IServer)ActivatorUtilities.CreateInstance(provider, type), app));
    }

    /// <inheritdoc/>
    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        await server.StartAsync(application, cancellationToken);
        app.Open(features => ProcessAsync(application, features));
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(app.CloseAsync(cancellationToken), server.StopAsync(cancellationToken));

    /// <inheritdoc/>
    public void Dispose()
    {
        app.Dispose();
        server.Dispose();
    }

    private static async Task ProcessAsync<TContext>(IHttpApplication<TContext> application, IFeatureCollection features)
        where TContext : notnull
    {
        var context = application.CreateContext(features);
        Exception? error = null;
        try
        {
            await application.ProcessRequestAsync(context);
        }
        catch (Exception exception)
        {
            error = exception;
            throw;
        }
        finally
        {
            application.DisposeContext(context, error);
        }
    }
}
