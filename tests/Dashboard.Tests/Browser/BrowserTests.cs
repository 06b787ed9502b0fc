using Deque.AxeCore.Playwright;

using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Browser;

/// <summary>The pages in a real browser.</summary>
[Trait("speed", "slow")]
public sealed class BrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>, IAsyncDisposable
{
    private const string Action = "00112233445566778899";

    private readonly DashboardFixture _dashboard = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_page_has_a_serious_accessibility_finding_or_overflows_a_phone()
    {
        await StartAsync();
        var pages = await FillAsync();
        foreach (var dark in (bool[])[false, true])
        {
            var page = await browser.OpenAsync(_dashboard.Address, width: 375, dark: dark);
            foreach (var path in pages)
            {
                await page.GotoAsync(path);
                var findings = (await page.RunAxe()).Violations.Where(finding => finding.Impact is "serious" or "critical");
                Assert.True(!findings.Any(), $"{path} {(dark ? "dark" : "light")}: {string.Join('\n', findings.Select(finding => $"{finding.Id} {finding.Help}: {string.Join(", ", finding.Nodes.Select(node => node.Html))}"))}");
                Assert.True(await page.EvaluateAsync<int>("document.scrollingElement.scrollWidth") <= 375, $"{path} is wider than the window");
            }
        }
    }

    [Fact]
    public async Task A_page_shows_a_change_without_reload_and_times_in_the_zone_of_the_viewer()
    {
        await StartAsync();
        var page = await browser.OpenAsync(_dashboard.Address, zone: "Pacific/Auckland");
        await page.GotoAsync("/");
        await page.EvaluateAsync("window.notReloaded = true");
        var happened = SampleEvents.Create("RunCompleted", subject: "runs/live", time: "2026-06-01T12:00:00Z");

        await _dashboard.PublishAsync(happened, Token);
        await page.GetByText("runs/live").WaitForAsync();

        Assert.True(await page.EvaluateAsync<bool>("window.notReloaded"));
        var time = page.Locator("tr", new() { HasText = "runs/live" }).Locator("time");
        Assert.Equal("2026-06-02 00:00:00", await time.TextContentAsync());
        Assert.Equal("2026-06-01 12:00:00 UTC", await time.GetAttributeAsync("title"));
    }

    [Fact]
    public async Task The_keyboard_alone_skips_to_the_content_and_opens_a_page()
    {
        await StartAsync();
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GotoAsync("/");

        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await page.EvaluateAsync<string>("document.activeElement.textContent"));
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("content", await page.EvaluateAsync<string>("document.activeElement.id"));
        await page.GotoAsync("/");
        for (var tab = 0; await page.EvaluateAsync<string>("document.activeElement.textContent") != "Actions"; tab++)
        {
            Assert.InRange(tab, 0, 20);
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Heading, new() { Name = "Actions" }).WaitForAsync();
    }

    [Fact]
    public async Task The_playground_evaluates_an_event_of_the_history_with_edited_rules()
    {
        await StartAsync();
        var happened = SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""");
        var path = await _dashboard.PublishAsync(happened, Token);
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GotoAsync(path);
        await page.GetByText("Open in the playground").ClickAsync();

        await page.GetByLabel("Rules").FillAsync("""
            alerts:
              - name: failed
                when: { advancedFilters: [{ operatorType: StringIn, key: data.runStatus, values: [Failed] }] }
                send: { channel: teams, body: '{}' }
            """);
        await page.GetByText("Evaluate").ClickAsync();

        await page.GetByText("failed fires").WaitForAsync();
    }

    [Fact]
    public async Task Screenshots_of_the_main_pages_can_be_taken()
    {
        await StartAsync();
        await FillAsync();
        var folder = Environment.GetEnvironmentVariable("MLEVENTS_SCREENSHOTS") ?? Path.Combine(_dashboard.Fixture.Folder.Path, "screenshots");
        var page = await browser.OpenAsync(_dashboard.Address);
        foreach (var (name, path) in ((string, string)[])[("now", "/"), ("chain", "/chain?id=drift-1"), ("events", "/events")])
        {
            await page.GotoAsync(path);
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"dashboard-{name}.png") });
            Assert.InRange(new FileInfo(Path.Combine(folder, $"dashboard-{name}.png")).Length, 1_000, 200_000);
        }
    }

    public ValueTask DisposeAsync() => _dashboard.DisposeAsync();

    private async Task StartAsync()
    {
        Assert.SkipUnless(BrowserFixture.IsHere, BrowserFixture.Missing);
        await _dashboard.StartAsync(Token);
        await _dashboard.UntilAsync("/", _ => true, Token);
    }

    private async Task<IReadOnlyList<string>> FillAsync()
    {
        var drift = SampleEvents.Create("DatasetDriftDetected", """{"dataDriftName": "churn-drift", "driftCoefficient": 0.41}""", "datadrift/churn", "drift-1");
        var model = SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "3", "modelTags": {"mlevents.correlation": "drift-1"}}""", "models/churn:3", "model-1");
        var eventPage = await _dashboard.PublishAsync(drift, Token);
        await _dashboard.PublishAsync(model, Token);
        await _dashboard.ChangeAsync(Action, "running", drift, Token, "job mlevents-0011 is Running");
        await _dashboard.ChangeAsync(Action, "succeeded", drift, Token, "job mlevents-0011 completed");
        await _dashboard.ChangeAsync("aa112233445566778899", "failed", model, Token, "Azure answered 409: the quota is used up", service: "deployer");
        await _dashboard.ChangeAsync("bb112233445566778899", "running", model, Token, "waits for the endpoint", service: "notifier");
        await _dashboard.AskAsync(Action, model, Token);
        await _dashboard.UntilAsync($"/approvals/{Action}/1", _ => true, Token);
        await _dashboard.UntilAsync("/actions/bb112233445566778899", _ => true, Token);
        await _dashboard.UntilAsync("/actions/aa112233445566778899", _ => true, Token);
        return
        [
            "/", "/events", eventPage, $"{eventPage}/explanation", "/chains", "/chain?id=drift-1", "/actions", $"/actions/{Action}", $"/actions/{Action}/retry", "/actions/bb112233445566778899/cancel",
            "/approvals", $"/approvals/{Action}/1", $"/approvals/{Action}/1/approve", "/models", "/model?name=churn", "/storm", "/bulk?operation=retry", "/rules", "/playground", "/quarantine", "/dead-letters", "/audit", "/signin",
        ];
    }
}
