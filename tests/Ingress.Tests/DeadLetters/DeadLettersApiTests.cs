using System.Net;

using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests.DeadLetters;

public sealed class DeadLettersApiTests
{
    private const string Unknown = "0123456789abcdef0123456789abcdef";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("state=broken", "state")]
    [InlineData("continuation=nonsense", "nonsense")]
    public async Task An_invalid_query_parameter_returns_400_and_the_title_says_what_is_wrong(string query, string named)
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);

        var (status, problem) = await fixture.AskAsync(HttpMethod.Get, "/quarantine?" + query, Token);

        Assert.Equal(400, status);
        Assert.Contains(named, problem.GetProperty("title").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/quarantine/" + Unknown)]
    [InlineData("POST", "/quarantine/" + Unknown + "/replay")]
    [InlineData("GET", "/dead-letters/nonsense")]
    [InlineData("POST", "/dead-letters/nonsense/replay")]
    public async Task An_unknown_message_id_returns_404(string method, string path)
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);

        var (status, problem) = await fixture.AskAsync(new HttpMethod(method), path, Token);

        Assert.Equal(404, status);
        Assert.StartsWith("No stored message has the id", problem.GetProperty("title").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_of_force_other_than_true_or_false_returns_400()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);

        var (status, problem) = await fixture.AskAsync(HttpMethod.Post, $"/dead-letters/{Unknown}/replay?force=perhaps", Token);

        Assert.Equal((400, "'force' must be true or false."), (status, problem.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task The_continuation_returns_the_next_page()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token);
        foreach (var body in (string[])["a", "b", "c"])
        {
            using var answer = await fixture.PostEventsAsync(body, Token);
        }

        await fixture.Service.AskUntilAsync("/quarantine", list => list.GetProperty("items").GetArrayLength() == 3, Token);
        var first = await fixture.AskAsync(HttpMethod.Get, "/quarantine?limit=2", Token);
        var second = await fixture.AskAsync(HttpMethod.Get, "/quarantine?limit=2&continuation=" + first.Body.GetProperty("continuation").GetString(), Token);

        Assert.Equal((2, 1), (first.Body.GetProperty("items").GetArrayLength(), second.Body.GetProperty("items").GetArrayLength()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second.Body.GetProperty("continuation").ValueKind);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("x-api-key", IngressFixture.Key)]
    [InlineData("x-webhook-key", DeadLettersFixture.OperatorToken)]
    [InlineData("Authorization", "Bearer " + IngressFixture.Key)]
    [InlineData("Authorization", "Basic " + DeadLettersFixture.OperatorToken)]
    public async Task The_operators_routes_return_401_without_the_operations_token_in_an_accepted_header(string? header, string? value)
    {
        await using var ingress = await StartAsync(DeadLettersFixture.OperatorToken);

        foreach (var path in (string[])["/quarantine", "/dead-letters", $"/dead-letters/{Unknown}?code={IngressFixture.Key}"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(ingress, path, header, value));
        }

        Assert.Contains(ingress.Logs, log => log.Message.Contains("Refused an operator's request", StringComparison.Ordinal));
        Assert.DoesNotContain(ingress.Logs, log => log.Message.Contains(IngressFixture.Key, StringComparison.Ordinal) || log.Message.Contains(DeadLettersFixture.OperatorToken, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x-api-key", DeadLettersFixture.OperatorToken)]
    [InlineData("Authorization", "Bearer " + DeadLettersFixture.OperatorToken)]
    [InlineData("Authorization", "bearer " + DeadLettersFixture.OperatorToken)]
    public async Task The_operations_token_is_accepted_in_either_header(string header, string value)
    {
        await using var ingress = await StartAsync(DeadLettersFixture.OperatorToken);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(ingress, "/quarantine/nonsense", header, value));
    }

    [Fact]
    public async Task Outside_Development_the_operators_API_returns_403_when_no_token_is_configured()
    {
        await using var ingress = await StartAsync(null);

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(ingress, "/quarantine/nonsense", "x-api-key", "local-development-key"));
    }

    [Fact]
    public async Task In_development_the_local_token_works()
    {
        await using var ingress = await StartAsync(null, "--environment=Development");

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(ingress, "/quarantine/nonsense", "x-api-key", "local-development-key"));
    }

    [Theory]
    [InlineData("short", "shorter than 16")]
    [InlineData("local-development-key", "in Development only")]
    public async Task An_invalid_operations_token_fails_the_start(string token, string why)
    {
        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => StartAsync(token));

        Assert.Contains("Operations:Token", fault.Message, StringComparison.Ordinal);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningService ingress, string path, string? header, string? value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using var response = await ingress.Client.SendAsync(request, Token);
        return response.StatusCode;
    }

    private static Task<RunningService> StartAsync(string? token, params string[] args) => RunningService.StartAsync(
        configure => IngressService.Create(args, configure),
        [new("Ingress:Keys:0", IngressFixture.Key), new("Operations:Token", token), new("DAPR_HTTP_ENDPOINT", "http://127.0.0.1:1"), new("DAPR_GRPC_ENDPOINT", "http://127.0.0.1:1")],
        Token);
}
