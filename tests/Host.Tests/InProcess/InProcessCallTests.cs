using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

using MLEvents.Local.Host.InProcess;

namespace MLEvents.Local.Host.Tests.InProcess;

/// <summary>Calls between the parts of the local host are compared with the same calls over a connection.</summary>
public sealed class InProcessCallTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_arrives_as_over_a_connection(bool inMemory)
    {
        await using var server = await TestApp.StartAsync(app => app.MapPost("/a b/{id}", (Delegate)Describe));
        using var client = server.Client(inMemory);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/a%20b/7?q=%C3%A4&r") { Content = JsonContent.Create(new { name = "ä" }) };
        request.Headers.TryAddWithoutValidation("x-list", ["1", "2"]);

        using var answer = await client.SendAsync(request, Token);

        Assert.Equal(
            $"POST /a b/7 ?q=%C3%A4&r 127.0.0.1:{server.Address.Port} HTTP/1.1 http 127.0.0.1 1,2 application/json; charset=utf-8 {{\"name\":\"\\u00E4\"}}",
            await answer.Content.ReadAsStringAsync(Token));

        static async Task<string> Describe(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var (request, body) = (context.Request, await reader.ReadToEndAsync());
            return $"{request.Method} {request.Path} {request.QueryString} {request.Host} {request.Protocol} {request.Scheme} {context.Connection.RemoteIpAddress} {request.Headers["x-list"]} {request.ContentType} {body}"
                .Replace("1, 2", "1,2", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_arrives_as_over_a_connection(bool inMemory)
    {
        var completed = new TaskCompletionSource();
        await using var server = await TestApp.StartAsync(app => app.MapGet("/", async context =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["x-late"] = "set before the answer starts";
                return Task.CompletedTask;
            });
            context.Response.OnCompleted(() =>
            {
                completed.SetResult();
                return Task.CompletedTask;
            });
            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync("one ");
            Assert.True(context.Response.HasStarted);
            await context.Response.WriteAsync("two");
        }));
        using var client = server.Client(inMemory);

        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), Token);

        Assert.Equal((HttpStatusCode)418, answer.StatusCode);
        Assert.Equal("set before the answer starts", Assert.Single(answer.Headers.GetValues("x-late")));
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("one two", await answer.Content.ReadAsStringAsync(Token));
        await completed.Task.WaitAsync(Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_app_that_throws_answers_500(bool inMemory)
    {
        await using var server = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext _) => throw new InvalidOperationException("broken")));
        using var client = server.Client(inMemory);

        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_app_that_aborts_a_request_gives_no_answer(bool inMemory)
    {
        await using var server = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) => context.Abort()));
        using var client = server.Client(inMemory);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("/", UriKind.Relative), Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_stops_waiting_cancels_the_request(bool inMemory)
    {
        var (arrived, aborted) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await TestApp.StartAsync(app => app.MapGet("/", async (HttpContext context) =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            arrived.SetResult();
            await aborted.Task;
        }));
        using var client = server.Client(inMemory);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = client.GetAsync(new Uri("/", UriKind.Relative), stop.Token);
        await arrived.Task.WaitAsync(Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await aborted.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task An_app_accepts_no_calls_before_its_start_and_after_its_stop()
    {
        using var early = new HttpClient(new InProcessHandler(new InProcessApp(), propagatesTrace: false));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => early.GetAsync(new Uri("http://127.0.0.1:5/"), Token));
        Assert.Equal("127.0.0.1:5 does not accept requests, because it has not started or is stopping.", refused.Message);

        await using var server = await TestApp.StartAsync(app => app.MapGet("/", () => "ok"));
        using var client = server.Client(inMemory: true);
        Assert.Equal("ok", await client.GetStringAsync(new Uri("/", UriKind.Relative), Token));
        await server.StopAsync(Token);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("/", UriKind.Relative), Token));
    }

    [Fact]
    public async Task The_stop_of_an_app_waits_for_its_calls()
    {
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await TestApp.StartAsync(app => app.MapGet("/", async () =>
        {
            arrived.SetResult();
            await release.Task;
            return "ok";
        }));
        using var client = server.Client(inMemory: true);

        var call = client.GetStringAsync(new Uri("/", UriKind.Relative), Token);
        await arrived.Task.WaitAsync(Token);
        var stop = server.StopAsync(Token);
        Assert.False(stop.IsCompleted);
        release.SetResult();

        Assert.Equal("ok", await call);
        await stop;
    }

    [Fact]
    public async Task The_stop_of_an_app_cancels_its_calls_when_its_time_is_over()
    {
        var arrived = new TaskCompletionSource();
        await using var server = await TestApp.StartAsync(app => app.MapGet("/", async (HttpContext context) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }));
        using var client = server.Client(inMemory: true);
        using var timeOver = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = client.GetAsync(new Uri("/", UriKind.Relative), Token);
        await arrived.Task.WaitAsync(Token);
        var stop = server.StopAsync(timeOver.Token);
        await timeOver.CancelAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
        await Record.ExceptionAsync(() => stop);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_carries_the_trace_of_its_caller_only_if_it_is_asked_to(bool propagatesTrace)
    {
        await using var server = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) => $"{context.Request.Headers.TraceParent} {Activity.Current?.TraceId}"));
        using var client = new HttpClient(new InProcessHandler(server.App, propagatesTrace)) { BaseAddress = server.Address };
        using var span = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();

        var seen = await client.GetStringAsync(new Uri("/", UriKind.Relative), Token);

        Assert.Equal(propagatesTrace, seen.Contains(span.TraceId.ToHexString(), StringComparison.Ordinal));
    }

    /// <summary>An app that is reachable in memory and over a connection.</summary>
    private sealed class TestApp(WebApplication web, InProcessApp app) : IAsyncDisposable
    {
        public InProcessApp App => app;

        public Uri Address => new(web.Urls.Single());

        public static async Task<TestApp> StartAsync(Action<WebApplication> map)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = new InProcessApp();
            InProcessServer.Add(builder.Services, app);
            var web = builder.Build();
            web.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = _ => Task.CompletedTask });
            map(web);
            await web.StartAsync(Token);
            return new TestApp(web, app);
        }

        public HttpClient Client(bool inMemory) => new(inMemory ? new InProcessHandler(app, propagatesTrace: false) : new SocketsHttpHandler()) { BaseAddress = Address };

        public Task StopAsync(CancellationToken cancellationToken) => web.StopAsync(cancellationToken);

        public ValueTask DisposeAsync() => web.DisposeAsync();
    }
}
