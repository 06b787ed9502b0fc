using System.Collections.Concurrent;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MLEvents.AzureML.Tests;

/// <summary>A call that reached the fake.</summary>
internal sealed record FakeCall(string Method, string Path, string Query, string Body, IHeaderDictionary Headers)
{
    public JsonObject Json => JsonNode.Parse(Body)?.AsObject() ?? [];
}

/// <summary>An answer of the fake.</summary>
internal sealed record FakeAnswer(int Status, string? Body = null, params (string Name, string Value)[] Headers)
{
    /// <summary>Breaks the connection instead of answering.</summary>
    public static FakeAnswer Abort { get; } = new(0);

    public static FakeAnswer Error(int status, string code, string message = "No.", params (string Name, string Value)[] headers) =>
        new(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } }.ToJsonString(), headers);
}

/// <summary>An Azure Resource Manager on a free loopback port. The test sets the answers, and the fake records the calls.</summary>
internal sealed class FakeArm : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<FakeAnswer>> _answers = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<FakeCall> _calls = new();
    private readonly WebApplication _app;

    private FakeArm()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    public IReadOnlyList<FakeCall> Calls => [.. _calls];

    public static async Task<FakeArm> StartAsync()
    {
        var arm = new FakeArm();
        await arm._app.StartAsync(TestContext.Current.CancellationToken);
        return arm;
    }

    /// <summary>Sets the answers to a call. Each call gets the next answer, and the last answer is repeated. A call for which no answer is set gets 404.</summary>
    public void On(string method, string path, params FakeAnswer[] answers) => _answers[$"{method} {path}"] = new(answers);

    public IEnumerable<FakeCall> CallsOf(string method) => _calls.Where(call => call.Method == method);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var path = context.Request.Path.Value ?? "";
        _calls.Enqueue(new FakeCall(context.Request.Method, path, context.Request.QueryString.Value ?? "", body, new HeaderDictionary(context.Request.Headers.ToDictionary())));
        var answer = Next($"{context.Request.Method} {path}");
        if (answer == FakeAnswer.Abort)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers.Append(name, value);
        }

        if (answer.Body is not null)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    private FakeAnswer Next(string call)
    {
        if (!_answers.TryGetValue(call, out var answers) || !answers.TryPeek(out var answer))
        {
            return FakeAnswer.Error(404, "ResourceNotFound");
        }

        if (answers.Count > 1)
        {
            answers.TryDequeue(out _);
        }

        return answer;
    }
}
