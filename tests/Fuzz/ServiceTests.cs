using System.Net.Http.Headers;
using System.Text;

using Microsoft.AspNetCore.Builder;

using MLEvents.Dashboard;
using MLEvents.Deployer;
using MLEvents.Events;
using MLEvents.Ingress;
using MLEvents.Retrainer;
using MLEvents.Tests.Common;

namespace MLEvents.Fuzz;

/// <summary>For all requests, a running service answers with an expected status and logs no unexpected error.</summary>
public sealed class ServiceTests
{
    private const string Key = "a-key-for-the-fuzz-run";
    private static readonly string[] MediaTypes = ["application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "text/plain"];

    private static readonly byte[][] Paths =
    [
        "/quarantine?limit=5&state=open"u8.ToArray(), "/dead-letters/00112233445566778899001122334455"u8.ToArray(), "/quarantine?continuation=1.00112233445566778899"u8.ToArray(),
    ];

    private static readonly byte[][] Tokens =
    [
        Encoding.ASCII.GetBytes(OperatorApi.Token), "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xIn0."u8.ToArray(), "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xOjEvIn0.AAAA"u8.ToArray(),
    ];

    private static readonly KeyValuePair<string, string?>[] NoSidecar =
    [
        new("DAPR_HTTP_ENDPOINT", "http://127.0.0.1:1"), new("DAPR_GRPC_ENDPOINT", "http://127.0.0.1:1"), new("Logging:LogLevel:Default", "Error"),
    ];

    private static readonly int[] WebhookAnswers = [200, 400, 403, 413, 415, 503];
    private static readonly int[] TokenAnswers = [400, 401, 503];
    private static readonly int[] LinkAnswers = [403, 414];
    private static readonly int[] OperationAnswers = [400, 404, 405, 414, 415, 503];

    // 429: the number of sign-ins from one address is limited.
    private static readonly int[] PageAnswers = [200, 400, 404, 405, 414, 415, 429, 503];

    // Addresses of pages, with the names of the forms' fields.
    private static readonly string[] Forms =
    [
        "/events?type=RunCompleted&workspace=ml-local&subject=runs*&model=churn&from=2026-11-01T00:00&to=2026-11-02&text=a+b&path=data.runStatus&value=Failed&before=17", "/actions?status=failed&service=notifier&rule=x&since=2026-11-01",
        "/bulk?operation=retry&status=failed&service=notifier&rule=x&reason=y&expected=1", "/chain?id=1", "/chain/svg?id=1", "/model?name=churn", "/storm?hours=24", "/rules/notifier?version=1&with=2", "/events/00112233/explanation", "/quarantine/001122/replay?force=true&reason=x",
        "/playground?event=%7B%7D&rules=alerts%3A+%5B%5D&service=notifier", "/rollback?endpoint=churn-scoring&to=blue&workspace=/subscriptions/s&confirmed=true&reason=x", "/approvals/001122/1/approve?generation=1&comment=x", "/signin?token=x&returnUrl=/actions",
    ];

    private static readonly string[] FormPaths = ["/bulk", "/bulk/1/continue", "/actions/1/retry", "/actions/1/cancel", "/rollback", "/quarantine/1/replay", "/approvals/1/approve", "/playground", "/signin", "/signout"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_webhook()
    {
        await using var ingress = await StartAsync();
        var number = 0;
        await FuzzRun.RunAsync(
            ["""[{"id":"1","topic":"/s","subject":"x","eventType":"t","eventTime":"2026-11-01T00:00:00Z","data":{},"dataVersion":"1.0"}]"""u8.ToArray(), """{"specversion":"1.0","id":"1","source":"/s","type":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"x"}}"""u8.ToArray()],
            async body =>
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes[number++ % MediaTypes.Length]);
                using var response = await ingress.Client.PostAsync(new Uri($"/events?code={Key}", UriKind.Relative), content, Token);

                // There is no broker, so the answer is 503 if the event would be published or quarantined.
                Assert.Contains((int)response.StatusCode, WebhookAnswers);
            },
            Token);
    }

    [Fact]
    public async Task The_operators_routes()
    {
        await using var ingress = await StartAsync();
        await FuzzRun.RunAsync(
            Paths,
            async bytes =>
            {
                if (FindAddress(bytes) is not { } address)
                {
                    return;
                }

                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                request.Headers.TryAddWithoutValidation("x-api-key", OperatorApi.Token);
                using var response = await ingress.Client.SendAsync(request, Token);
                Assert.Contains((int)response.StatusCode, OperationAnswers);
            },
            Token);
    }

    [Fact]
    public async Task Replays_of_stored_messages()
    {
        await using var ingress = await StartAsync();
        await SendOperationsAsync(ingress, ["/quarantine/00112233445566778899/replay?force=true&reason=x", "/dead-letters/00112233445566778899/replay?force=false"]);
    }

    [Fact]
    public async Task Pages_and_forms_of_the_dashboard()
    {
        using var folder = new TempFolder();
        await using var dashboard = await RunningService.StartAsync(
            configure => DashboardService.Create(["--environment=Development"], configure), [.. NoSidecar, new("History:File", Path.Combine(folder.Path, "dashboard.db"))], Token);
        dashboard.Expected = log => log.Message.StartsWith("Answered 503", StringComparison.Ordinal);
        var (number, antiforgery) = (0, await AntiforgeryTokenAsync(dashboard));
        await FuzzRun.RunAsync([.. Forms.Select(Encoding.UTF8.GetBytes)], SendAsync, Token);

        async Task SendAsync(byte[] bytes)
        {
            // Every second input is the address of a page, and the others are the fields of a form.
            if (number++ % 2 == 0 && FindAddress(bytes) is { } address)
            {
                using var page = await dashboard.Client.GetAsync(address, Token);
                Assert.Contains((int)page.StatusCode, PageAnswers);
                return;
            }

            var fields = Encoding.UTF8.GetString(bytes).Split('?', 2)[^1].Split('&').Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[^1]));
            using var content = new FormUrlEncodedContent(fields.Prepend(KeyValuePair.Create("__RequestVerificationToken", antiforgery)));
            using var response = await dashboard.Client.PostAsync(new Uri(FormPaths[number % FormPaths.Length], UriKind.Relative), content, Token);
            Assert.Contains((int)response.StatusCode, PageAnswers);
        }
    }

    [Fact]
    public async Task Operations_on_actions_and_approvals()
    {
        using var rules = new TempFolder();
        rules.Write("retraining.yaml", "retraining: []\n");
        await using var retrainer = await StartAsync(configure => RetrainerService.Create(["--environment=Development"], configure), rules);
        await SendOperationsAsync(
            retrainer,
            [
                "/actions/00112233445566778899/retry?force=true&reason=x&currentRules=false", "/actions/00112233445566778899/cancel?leaveRunning=true", "/approvals/00112233445566778899/approve?comment=x",
                "/approvals/00112233445566778899-1/reject?comment=x&generation=1",
            ]);
    }

    [Fact]
    public async Task Requests_of_roll_outs_and_roll_backs()
    {
        using var rules = new TempFolder();
        rules.Write("deployments.yaml", "deployments: []\n");
        await using var deployer = await StartAsync(configure => DeployerService.Create(["--environment=Development"], configure), rules);
        await SendOperationsAsync(deployer, ["/deployments/rollback?endpoint=churn-scoring&to=blue", "/deployments/start?rule=churn&model=churn:12&workspace=/subscriptions/s", "/actions/00112233445566778899/retry?force=true"]);
    }

    [Fact]
    public async Task Tokens_of_operators()
    {
        await using var ingress = await StartAsync();
        await FuzzRun.RunAsync(
            Tokens,
            async bytes =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/quarantine?limit=x");
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + string.Concat(Encoding.Latin1.GetString(bytes).Where(character => character is >= ' ' and <= '~')));
                using var response = await ingress.Client.SendAsync(request, Token);

                // The route answers 400 to a valid token. The issuer of a token is not reachable, so such a token gets 503.
                Assert.Contains((int)response.StatusCode, TokenAnswers);
            },
            Token);
    }

    [Fact]
    public async Task Links_of_approvals()
    {
        using var rules = new TempFolder();
        await File.WriteAllTextAsync(Path.Combine(rules.Path, "retraining.yaml"), "retraining: []\n", Token);
        await using var retrainer = await RunningService.StartAsync(
            configure => RetrainerService.Create(["--environment=Development"], configure),
            [.. NoSidecar, new("Rules:Directory", rules.Path), new("Approvals:LinkKey", new string('k', ApprovalLink.ShortestKey))],
            Token);
        retrainer.Expected = log => log.Category?.StartsWith("MLEvents.", StringComparison.Ordinal) == true;
        var link = new ApprovalLink("00112233445566778899", 1, "ml-leads@example.com", DateTimeOffset.UnixEpoch.AddYears(200));
        await FuzzRun.RunAsync(
            [Encoding.ASCII.GetBytes(link.Sign(new string('x', ApprovalLink.ShortestKey))), .. Paths],
            async bytes =>
            {
                var query = string.Join('&', Encoding.UTF8.GetString(bytes).TrimStart('?').Split('&').Select(pair => string.Join('=', pair.Split('=').Select(Uri.EscapeDataString))));
                using var content = new FormUrlEncodedContent([new("decision", "approve"), new("comment", query)]);
                using var response = await retrainer.Client.PostAsync(new Uri($"/{ApprovalLink.PathOf(link.ActionId, link.Generation)}?{query}", UriKind.Relative), content, Token);

                // No link is signed with the key of the service. Kestrel refuses request lines that are too long.
                Assert.Contains((int)response.StatusCode, LinkAnswers);
            },
            Token);
    }

    // Without a sidecar, the answer is 503 if the request passes all checks.
    private static async Task SendOperationsAsync(RunningService service, IReadOnlyList<string> operations)
    {
        var number = 0;
        await FuzzRun.RunAsync([.. operations.Append("""{"comment":"the metrics are good"}""").Select(Encoding.UTF8.GetBytes)], SendAsync, Token);

        async Task SendAsync(byte[] bytes)
        {
            // Every second input is the path of a request, and the others are the body of a request.
            var isPath = number++ % 2 == 0;
            if (FindAddress(isPath ? bytes : Encoding.UTF8.GetBytes(operations[number % operations.Count])) is not { } address)
            {
                return;
            }

            using var content = new ByteArrayContent(isPath ? [] : bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes[number % MediaTypes.Length]);
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
            request.Headers.TryAddWithoutValidation("x-api-key", OperatorApi.Token);
            using var response = await service.Client.SendAsync(request, Token);
            Assert.Contains((int)response.StatusCode, OperationAnswers);
        }
    }

    private static async Task<string> AntiforgeryTokenAsync(RunningService dashboard)
    {
        // Until the database is migrated, pages are answered with 503.
        var page = await Poll.UntilAsync(
            async token =>
            {
                using var answer = await dashboard.Client.GetAsync(new Uri("/rollback", UriKind.Relative), token);
                return await answer.Content.ReadAsStringAsync(token);
            },
            text => text.Contains("__RequestVerificationToken", StringComparison.Ordinal),
            Token);
        return page.Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0];
    }

    private static Uri? FindAddress(byte[] bytes)
    {
        var path = "/" + Uri.EscapeDataString(Encoding.UTF8.GetString(bytes).TrimStart('/')).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3F", "?", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal).Replace("%26", "&", StringComparison.Ordinal);
        return Uri.TryCreate(path, UriKind.Relative, out var address) && !path.StartsWith("//", StringComparison.Ordinal) && path.Length <= 4096 ? address : null;
    }

    private static async Task<RunningService> StartAsync(Func<Action<WebApplicationBuilder>, WebApplication> create, TempFolder rules)
    {
        var service = await RunningService.StartAsync(create, [.. NoSidecar, new("Rules:Directory", rules.Path), new("Operations:Token", OperatorApi.Token)], Token);
        service.Expected = log => log.Category?.StartsWith("MLEvents.", StringComparison.Ordinal) == true;
        return service;
    }

    private static async Task<RunningService> StartAsync()
    {
        var ingress = await RunningService.StartAsync(
            configure => IngressService.Create([], configure),
            [
                .. NoSidecar, new("Ingress:Keys:0", Key), new("Operations:Token", OperatorApi.Token), new("Operations:OpenIdConnect:Issuer", "http://127.0.0.1:1/"), new("Operations:OpenIdConnect:Audiences:0", "a"),
                new("Ingress:PublishTimeout", "00:00:01"),
            ],
            Token);
        ingress.Expected = log => log.Message.StartsWith("Answered 503", StringComparison.Ordinal);
        return ingress;
    }
}
