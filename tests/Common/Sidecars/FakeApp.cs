using System.Collections.Concurrent;
using System.Net;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

using Xunit;

namespace MLEvents.Tests.Common.Sidecars;

/// <summary>The app of a sidecar. The test sets the answers of the app, and the app records every request.</summary>
public sealed class FakeApp : IAsyncDisposable
{
    /// <summary>
    /// An <see cref="Answer"/> with this status closes the connection, like an app that ends during the call.
    /// If the answer has a body, the app sends status 200 and this body before it closes the connection, as the first part of a longer body.
    /// </summary>
    public const int Abort = 0;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private FakeApp(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        _server = builder.Build();
        _server.Run(HandleAsync);
    }

    /// <summary>Body of the answer to GET /dapr/subscribe.</summary>
    public string Subscriptions { get; set; } = "[]";

    /// <summary>Status of the answer to GET /dapr/subscribe.</summary>
    public int SubscribeStatus { get; set; } = StatusCodes.Status200OK;

    /// <summary>Whether the app closes the connection instead of answering GET /dapr/subscribe, like an app that ends at that moment.</summary>
    public bool AbortsSubscribe { get; set; }

    /// <summary>Answers deliveries: status and body.</summary>
    public Func<Call, CancellationToken, Task<(int Status, string Body)>> Answer { get; set; } = (_, _) => Task.FromResult((200, ""));

    /// <summary>The port of the app.</summary>
    public int Port => KnownPort = new Uri(_server.Urls.Single()).Port;

    /// <summary>The value that <see cref="Port"/> last returned. It can be read after the app has stopped. 0 before the first read of <see cref="Port"/>.</summary>
    public int KnownPort { get; private set; }

    /// <summary>The deliveries, without the requests that a sidecar sends at its start.</summary>
    public IReadOnlyList<Call> Deliveries => [.. _calls.Where(call => call.Line.StartsWith("POST ", StringComparison.Ordinal))];

    /// <summary>All requests.</summary>
    public IReadOnlyList<Call> All => [.. _calls];

    /// <summary>Starts an app, on any free port by default.</summary>
    public static async Task<FakeApp> StartAsync(int port = 0, Action<FakeApp>? configure = null)
    {
        var app = new FakeApp(port);
        configure?.Invoke(app);
        await app._server.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>Adds a subscription to one topic. Its JSON also gets the members in <paramref name="more"/>, which begin with a comma.</summary>
    public FakeApp Subscribe(string pubSub, string topic, string more = "")
    {
        var item = $$"""{"pubsubname":"{{pubSub}}","topic":"{{topic}}","route":"/{{topic}}"{{more}}}""";
        Subscriptions = Subscriptions == "[]" ? $"[{item}]" : $"{Subscriptions[..^1]},{item}]";
        return this;
    }

    /// <summary>Waits until a number of deliveries have arrived.</summary>
    /// <exception cref="TimeoutException">The deliveries have not arrived within 20 s.</exception>
    public Task<IReadOnlyList<Call>> WaitForAsync(int count) => WaitForAsync(_ => true, count);

    /// <summary>Waits until a number of deliveries that meet a condition have arrived.</summary>
    /// <exception cref="TimeoutException">The deliveries have not arrived within 20 s.</exception>
    public async Task<IReadOnlyList<Call>> WaitForAsync(Func<Call, bool> which, int count)
    {
        ArgumentNullException.ThrowIfNull(which);
        while (true)
        {
            var found = Deliveries.Where(which).ToList();
            if (found.Count >= count)
            {
                return found;
            }

            await NextAsync($"only {found.Count} of {count} deliveries arrived");
        }
    }

    /// <summary>Waits until the app has received a number of requests for its subscriptions.</summary>
    public async Task WaitForSubscribersAsync(int count)
    {
        while (_calls.Count(call => call.Path == "/dapr/subscribe") < count)
        {
            await NextAsync("a sidecar did not ask for subscriptions");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _arrived.Dispose();
    }

    private async Task NextAsync(string problem)
    {
        if (!await _arrived.WaitAsync(Deadline, TestContext.Current.CancellationToken))
        {
            throw new TimeoutException($"Within {Deadline.TotalSeconds} s {problem}.");
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var call = new Call($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}", headers, body, TimeProvider.System.GetUtcNow());
        _calls.Enqueue(call);
        _arrived.Release();
        if (AbortsSubscribe && call.Path == "/dapr/subscribe")
        {
            context.Abort();
            return;
        }

        var (status, answer) = context.Request.Path.Value switch
        {
            "/dapr/subscribe" => (SubscribeStatus, Subscriptions),
            "/dapr/config" => (StatusCodes.Status404NotFound, ""),
            _ => await Answer(call, context.RequestAborted),
        };
        if (status == Abort && answer.Length == 0)
        {
            context.Abort();
            return;
        }

        if (status == Abort)
        {
            // After a body that is shorter than its Content-Length, Kestrel closes the connection.
            (status, context.Response.ContentLength) = (StatusCodes.Status200OK, Encoding.UTF8.GetByteCount(answer) + 1);
        }

        context.Response.StatusCode = status;
        if (answer.Length > 0)
        {
            await context.Response.WriteAsync(answer, context.RequestAborted);
        }
    }
}
