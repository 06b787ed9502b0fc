using System.Text;

using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Fuzzing;

namespace MLEvents.Dashboard.Tests;

/// <summary>Sends mutated requests to the running service. Each answer must have an expected status, and the service must log no unexpected error.</summary>
public sealed class DashboardFuzzTests
{
    // 429: the number of sign-ins from one address is limited.
    private static readonly int[] PageAnswers = [200, 400, 404, 405, 414, 415, 429, 503];

    // Addresses of pages. Their queries contain the names of the form fields.
    private static readonly string[] Forms =
    [
        "/events?type=RunCompleted&workspace=ml-local&subject=runs*&model=churn&from=2026-11-01T00:00&to=2026-11-02&text=a+b&path=data.runStatus&value=Failed&before=17", "/actions?status=failed&service=notifier&rule=x&since=2026-11-01",
        "/bulk?operation=retry&status=failed&service=notifier&rule=x&reason=y&expected=1", "/chain?id=1", "/chain/svg?id=1", "/model?name=churn", "/storm?hours=24", "/rules/notifier?version=1&with=2", "/events/00112233/explanation", "/quarantine/001122/replay?force=true&reason=x",
        "/playground?event=%7B%7D&rules=alerts%3A+%5B%5D&service=notifier", "/rollback?endpoint=churn-scoring&to=blue&workspace=/subscriptions/s&confirmed=true&reason=x", "/approvals/001122/1/approve?generation=1&comment=x", "/signin?token=x&returnUrl=/actions",
    ];

    private static readonly string[] FormPaths = ["/bulk", "/bulk/1/continue", "/actions/1/retry", "/actions/1/cancel", "/rollback", "/quarantine/1/replay", "/approvals/1/approve", "/playground", "/signin", "/signout"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mutated_requests_for_pages_and_forms_get_an_expected_answer()
    {
        using var folder = new TempFolder();
        await using var dashboard = await RunningService.StartAsync(
            configure => DashboardService.Create(["--environment=Development"], configure), [.. FuzzedService.Settings, new("History:File", Path.Combine(folder.Path, "dashboard.db"))], Token);
        dashboard.Expected = log => log.Message.StartsWith("Answered 503", StringComparison.Ordinal);
        var (number, antiforgery) = (0, await AntiforgeryTokenAsync(dashboard));
        await FuzzRun.RunAsync([.. Forms.Select(Encoding.UTF8.GetBytes)], SendAsync, Token);

        async Task SendAsync(byte[] bytes)
        {
            // Every second input is the address of a page if a client can send it. All other inputs are the fields of a form.
            var (pair, isPage) = (number / 2, number++ % 2 == 0);
            if (isPage && FuzzedService.FindAddress(bytes) is { } address)
            {
                using var page = await dashboard.Client.GetAsync(address, Token);
                Assert.Contains((int)page.StatusCode, PageAnswers);
                return;
            }

            var fields = Encoding.UTF8.GetString(bytes).Split('?', 2)[^1].Split('&').Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], pair[^1]));
            using var content = AntiforgeryForm.Create(antiforgery, fields);
            using var response = await dashboard.Client.PostAsync(new Uri(FormPaths[pair % FormPaths.Length], UriKind.Relative), content, Token);
            Assert.Contains((int)response.StatusCode, PageAnswers);
        }
    }

    private static async Task<string> AntiforgeryTokenAsync(RunningService dashboard)
    {
        // Until the database is migrated, pages are answered with 503.
        var found = await Poll.UntilAsync(
            async token =>
            {
                using var answer = await dashboard.Client.GetAsync(new Uri("/rollback", UriKind.Relative), token);
                return AntiforgeryForm.FindToken(await answer.Content.ReadAsStringAsync(token));
            },
            token => token is not null,
            Token);
        return found ?? "";
    }
}
