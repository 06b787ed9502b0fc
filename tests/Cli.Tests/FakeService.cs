using System.Collections.Concurrent;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests;

/// <summary>The operators' API of a service. The test sets its answers by method and path.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly RunningService _service;
    private readonly ConcurrentDictionary<string, (int Status, string Body)> _answers;
    private readonly ConcurrentQueue<(string Request, string Authorization)> _asked;

    private FakeService(RunningService service, ConcurrentDictionary<string, (int Status, string Body)> answers, ConcurrentQueue<(string, string)> asked) =>
        (_service, _answers, _asked) = (service, answers, asked);

    public string Url => _service.Client.BaseAddress?.ToString() ?? "";

    /// <summary>The requests, for instance <c>GET /actions?limit=50</c>.</summary>
    public IEnumerable<string> Asked => _asked.Select(one => one.Request);

    public IEnumerable<string> Authorizations => _asked.Select(one => one.Authorization);

    public static async Task<FakeService> StartAsync(CancellationToken cancellationToken)
    {
        var (answers, asked) = (new ConcurrentDictionary<string, (int Status, string Body)>(), new ConcurrentQueue<(string, string)>());
        return new(await RunningService.StartAsync(configure => Create(configure, answers, asked), [], cancellationToken), answers, asked);
    }

    /// <summary>Sets the answer to a request. The path includes the query. With the status 0, the connection is closed without an answer.</summary>
    public FakeService Answers(string request, string body, int status = 200)
    {
        _answers[request] = (status, body);
        return this;
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private static WebApplication Create(Action<WebApplicationBuilder> configure, ConcurrentDictionary<string, (int Status, string Body)> answers, ConcurrentQueue<(string, string)> asked)
    {
        var builder = WebApplication.CreateBuilder();
        configure(builder);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(async context =>
        {
            var request = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
            asked.Enqueue((request, context.Request.Headers.Authorization.ToString()));
            var (status, body) = answers.GetValueOrDefault(request, (404, """{"title":"There is no such thing here."}"""));
            if (status == 0)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = status;
            context.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
            await context.Response.WriteAsync(body, context.RequestAborted);
        });
        return app;
    }
}
