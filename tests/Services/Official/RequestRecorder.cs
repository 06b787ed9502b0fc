using System.Collections.Concurrent;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace MLEvents.Tests.Services.Official;

/// <summary>Records the requests with a body that Azure's SDK sends to a simulator. It ignores the requests of the tests themselves, which do not have the user agent of the SDK.</summary>
internal sealed class RequestRecorder : IStartupFilter
{
    private readonly ConcurrentQueue<SentRequest> _requests = new();

    /// <summary>The requests so far.</summary>
    public IReadOnlyList<SentRequest> Requests => [.. _requests];

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (http, following) =>
        {
            if (http.Request.Headers.UserAgent.ToString().Contains("azsdk-net", StringComparison.Ordinal) && http.Request.Method is "PUT" or "PATCH" or "POST")
            {
                await RecordAsync(http.Request);
            }

            await following(http);
        });
        next(app);
    };

    private async Task RecordAsync(HttpRequest request)
    {
        request.EnableBuffering();
        using var reader = new StreamReader(request.Body, leaveOpen: true);
        var text = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        request.Body.Position = 0;
        if (text.Length > 0)
        {
            _requests.Enqueue(new(request.Method, request.Path, request.Query["api-version"].FirstOrDefault(), JsonNode.Parse(text)));
        }
    }
}
