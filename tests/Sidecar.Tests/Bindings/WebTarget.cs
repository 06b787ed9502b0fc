using System.Collections.Concurrent;
using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MLEvents.Local.Sidecar.Tests.Bindings;

/// <summary>A web server that HTTP bindings call. It answers the recorded paths as the web server did during the recording.</summary>
internal sealed class WebTarget : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<Call> _calls = new();

    private WebTarget()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        _server = builder.Build();
        _server.Run(HandleAsync);
    }

    public string Address => _server.Urls.Single();

    /// <summary>The target of the redirect at <c>/away</c>; null for an answer without a target.</summary>
    public string? Away { get; set; }

    public IReadOnlyList<Call> Calls => [.. _calls];

    public static async Task<WebTarget> StartAsync()
    {
        var target = new WebTarget();
        await target._server.StartAsync(TestContext.Current.CancellationToken);
        return target;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var line = $"{context.Request.Method} {context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget} HTTP/1.1";
        _calls.Enqueue(new Call(line, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), body, default));
        if (context.Request.Path == "/slow")
        {
            await Never.CompletesAsync(context.RequestAborted);
        }

        var (status, type, answer) = Answer(context.Request.Path);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = status == StatusCodes.Status204NoContent ? null : answer.Length;
        if (context.Request.Path == "/ok")
        {
            context.Response.Headers["X-Custom"] = "v";
        }

        if (context.Request.Path == "/odd")
        {
            context.Response.Headers["odd!name"] = "v";
            context.Response.Headers["thing-bin"] = "v";
        }

        context.Response.Headers.Location = context.Request.Path.Value switch
        {
            "/redir" or "/again" => "/ok",
            "/loop" => "/loop",
            "/away" => Away,
            _ => default,
        };
        await context.Response.WriteAsync(context.Request.Method == "HEAD" ? "" : answer, context.RequestAborted);
    }

    private static (int Status, string? Type, string Body) Answer(string path) => path switch
    {
        "/ok" => (200, "application/json", """{"r":1}"""),
        "/odd" => (200, null, "odd"),
        "/nc" => (204, null, ""),
        "/text" => (200, "text/plain", "hi"),
        "/created" => (201, null, ""),
        "/bad" => (400, "application/json", """{"e":"bad"}"""),
        "/boom" => (500, "text/plain", "boom"),
        "/redir" or "/loop" => (302, null, ""),
        "/again" or "/away" => (307, null, ""),
        "/base/p" => (200, null, "path"),
        _ => (404, null, ""),
    };
}
