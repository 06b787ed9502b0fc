using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

using MLEvents.Tests.Common;

namespace MLEvents.Dashboard.Tests.Operating;

/// <summary>A service with an operator API. Tests set its answers.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private RunningService? _service;

    /// <summary>The requests except those of the health report: method, path and query, or <c>refused</c> for a request without an accepted token.</summary>
    public ObservedItems<string> Requests { get; } = new();

    /// <summary>The bodies of the accepted requests that have one.</summary>
    public ObservedItems<string> Bodies { get; } = new();

    /// <summary>The header <c>X-Forwarded-For</c> of each request in <see cref="Requests"/>: the address of the browser. Empty if the header is missing.</summary>
    public ObservedItems<string> ForwardedFor { get; } = new();

    /// <summary>Decides which authorization is accepted. Default: the operators' static token.</summary>
    public Func<string, bool> Accepts { get; init; } = authorization => authorization == $"Bearer {OperatorApi.Token}";

    /// <summary>The answers by method, path and query; 404 for any other request.</summary>
    public Dictionary<string, (int Status, string Body)> Answers { get; } = [];

    /// <summary>The answer to <c>GET /health</c>.</summary>
    public string Health { get; set; } = """{"status": "Healthy", "checks": {"dapr": {"status": "Healthy", "description": "the Dapr sidecar answers"}}}""";

    public string Address => _service?.Client.BaseAddress?.ToString() ?? throw new InvalidOperationException("The service is not started.");

    public async Task StartAsync(CancellationToken cancellationToken) => _service = await RunningService.StartAsync(Create, [], cancellationToken);

    public ValueTask DisposeAsync() => _service?.DisposeAsync() ?? ValueTask.CompletedTask;

    private WebApplication Create(Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateBuilder();
        configure(builder);
        var app = builder.Build();
        app.MapFallback(async (HttpContext context) =>
        {
            if (context.Request.Path == "/health")
            {
                await context.Response.WriteAsync(Health, context.RequestAborted);
                return;
            }

            var request = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
            var (status, body) = !Accepts(context.Request.Headers.Authorization.ToString()) ? (401, """{"title": "The token is wrong."}""")
                : Answers.TryGetValue(request, out var answer) ? answer
                : (404, """{"title": "Not here."}""");
            using var reader = new StreamReader(context.Request.Body);
            if (await reader.ReadToEndAsync(context.RequestAborted) is { Length: > 0 } text && status != 401)
            {
                Bodies.Add(text);
            }

            ForwardedFor.Add(context.Request.Headers["X-Forwarded-For"].ToString());
            Requests.Add(status == 401 ? "refused" : request);
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body, context.RequestAborted);
        });
        return app;
    }
}
