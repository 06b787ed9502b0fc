using System.Net.Http.Headers;
using System.Text;

using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Fuzzing;

namespace MLEvents.Ingress.Tests;

/// <summary>Sends mutated requests to the running service. Each answer must have an expected status, and the service must log no unexpected error.</summary>
public sealed class IngressFuzzTests
{
    private const string Key = "a-key-for-the-fuzz-run";

    private static readonly byte[][] Paths =
    [
        "/quarantine?limit=5&state=open"u8.ToArray(), "/dead-letters/00112233445566778899001122334455"u8.ToArray(), "/quarantine?continuation=1.00112233445566778899"u8.ToArray(),
    ];

    private static readonly byte[][] Tokens =
    [
        Encoding.ASCII.GetBytes(OperatorApi.Token), "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xIn0."u8.ToArray(), "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xOjEvIn0.AAAA"u8.ToArray(),
    ];

    private static readonly int[] WebhookAnswers = [200, 400, 403, 413, 415, 503];
    private static readonly int[] TokenAnswers = [400, 401, 503];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mutated_requests_to_the_webhook_get_an_expected_answer()
    {
        await using var ingress = await StartAsync();
        var number = 0;
        await FuzzRun.RunAsync(
            ["""[{"id":"1","topic":"/s","subject":"x","eventType":"t","eventTime":"2026-11-01T00:00:00Z","data":{},"dataVersion":"1.0"}]"""u8.ToArray(), """{"specversion":"1.0","id":"1","source":"/s","type":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"x"}}"""u8.ToArray()],
            async body =>
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue(FuzzedService.MediaTypes[number++ % FuzzedService.MediaTypes.Count]);
                using var response = await ingress.Client.PostAsync(new Uri($"/events?code={Key}", UriKind.Relative), content, Token);

                // There is no broker, so the answer is 503 if the event would be published or quarantined.
                Assert.Contains((int)response.StatusCode, WebhookAnswers);
            },
            Token);
    }

    [Fact]
    public async Task Mutated_requests_to_the_operators_routes_get_an_expected_answer()
    {
        await using var ingress = await StartAsync();
        await FuzzRun.RunAsync(
            Paths,
            async bytes =>
            {
                if (FuzzedService.FindAddress(bytes) is not { } address)
                {
                    return;
                }

                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                request.Headers.TryAddWithoutValidation("x-api-key", OperatorApi.Token);
                using var response = await ingress.Client.SendAsync(request, Token);
                Assert.Contains((int)response.StatusCode, FuzzedService.OperationAnswers);
            },
            Token);
    }

    [Fact]
    public async Task Mutated_requests_for_replays_of_stored_messages_get_an_expected_answer()
    {
        await using var ingress = await StartAsync();
        await ingress.SendOperationsAsync(["/quarantine/00112233445566778899/replay?force=true&reason=x", "/dead-letters/00112233445566778899/replay?force=false"], Token);
    }

    [Fact]
    public async Task Mutated_tokens_of_operators_get_an_expected_answer()
    {
        await using var ingress = await StartAsync();
        await FuzzRun.RunAsync(
            Tokens,
            async bytes =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/quarantine?limit=x");
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + string.Concat(Encoding.Latin1.GetString(bytes).Where(character => character is >= ' ' and <= '~')));
                using var response = await ingress.Client.SendAsync(request, Token);

                // The limit in the query is invalid, so the answer to the static token is 400. The issuer is unreachable, so the answer to a token that names this issuer is 503.
                Assert.Contains((int)response.StatusCode, TokenAnswers);
            },
            Token);
    }

    private static async Task<RunningService> StartAsync()
    {
        var ingress = await RunningService.StartAsync(
            configure => IngressService.Create([], configure),
            [
                .. FuzzedService.Settings, new("Ingress:Keys:0", Key), new("Operations:Token", OperatorApi.Token), new("Operations:OpenIdConnect:Issuer", "http://127.0.0.1:1/"), new("Operations:OpenIdConnect:Audiences:0", "a"),
                new("Ingress:PublishTimeout", "00:00:01"),
            ],
            Token);
        ingress.Expected = log => log.Message.StartsWith("Answered 503", StringComparison.Ordinal);
        return ingress;
    }
}
