using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

public sealed class RetryUntilReachableTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_repeated_while_the_service_answers_503_and_any_other_answer_is_returned()
    {
        var answers = new Queue<int>([503, 503, 404]);
        await using var service = await RunningService.StartAsync(
            configure =>
            {
                var builder = WebApplication.CreateBuilder();
                configure(builder);
                var app = builder.Build();
                app.MapGet("/", () => TypedResults.StatusCode(answers.Dequeue()));
                return app;
            },
            [],
            Token);
        using var client = new HttpClient(new RetryUntilReachableHandler()) { BaseAddress = service.Client.BaseAddress };

        using var response = await client.GetAsync(new Uri("/", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(answers);
    }
}
