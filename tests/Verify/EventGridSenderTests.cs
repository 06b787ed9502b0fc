using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

public sealed class EventGridSenderTests
{
    private static readonly JsonArray Batch = [new JsonObject { ["id"] = "1" }];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_is_delivered_again_until_it_is_accepted()
    {
        var answers = new Queue<int>([503, 503, 200]);
        await using var ingress = await StartAsync(() => answers.Dequeue());
        using var eventGrid = new EventGridSender(new Uri(ingress.Client.BaseAddress ?? throw new InvalidOperationException(), "/events"));

        await eventGrid.DeliverAsync([Batch], TimeSpan.Zero, Token);

        Assert.Empty(answers);
        Assert.Equal(2, eventGrid.Repeats);
    }

    [Fact]
    public async Task An_unreachable_ingress_is_called_again()
    {
        var port = FreePort.Next();
        using var eventGrid = new EventGridSender(new Uri($"http://127.0.0.1:{port}/events"));

        var delivered = eventGrid.DeliverAsync([Batch], TimeSpan.Zero, Token);
        await Poll.UntilAsync(() => eventGrid.Repeats > 0, Token);
        await using var ingress = await StartAsync(() => 200, port);

        await delivered.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(413)]
    public async Task A_refusal_that_Event_Grid_never_retries_aborts_the_experiment(int status)
    {
        await using var ingress = await StartAsync(() => status);
        using var eventGrid = new EventGridSender(new Uri(ingress.Client.BaseAddress ?? throw new InvalidOperationException(), "/events"));

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => eventGrid.DeliverAsync([Batch], TimeSpan.Zero, Token));

        Assert.EndsWith($"status {status}, which Event Grid does not retry.", fault.Message, StringComparison.Ordinal);
    }

    private static Task<RunningService> StartAsync(Func<int> answer, int port = 0) => RunningService.StartAsync(
        configure =>
        {
            var builder = WebApplication.CreateBuilder();
            configure(builder);
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
            var app = builder.Build();
            app.MapPost("/events", () => TypedResults.StatusCode(answer()));
            return app;
        },
        [],
        Token);
}
