using Deque.AxeCore.Commons;

using Microsoft.Playwright;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Browser;

/// <summary>The pages in a real browser.</summary>
[Trait("speed", "slow")]
public sealed class BrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>, IAsyncDisposable
{
    private const string Action = "00112233445566778899";

    private readonly DashboardFixture _dashboard = new();

    // Options of axe.run.
    private const string AllRules = "{}";
    private const string ContrastRules = "{ runOnly: ['color-contrast', 'link-in-text-block'] }";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_page_has_a_serious_accessibility_finding_or_is_wider_than_a_phone()
    {
        await StartAsync();
        var pages = await FillAsync();
        var page = await browser.OpenAsync(_dashboard.Address, width: 375);
        var findings = new List<string>();
        foreach (var path in pages)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
            await page.GotoAsync(path);
            findings.AddRange((await FindInaccessibleAsync(page, AllRules)).Select(finding => $"{path} light: {finding}"));
            Assert.True(await page.EvaluateAsync<int>("document.scrollingElement.scrollWidth") <= 375, $"{path} is wider than the window");

            // In the dark scheme, the style sheet changes only colours. All rules except the contrast rules would find the same as in the light scheme.
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
            findings.AddRange((await FindInaccessibleAsync(page, ContrastRules)).Select(finding => $"{path} dark: {finding}"));
        }

        Assert.Empty(findings);
    }

    [Fact]
    public async Task The_accessibility_check_finds_a_text_without_contrast()
    {
        var page = await browser.OpenAsync(new Uri("http://localhost"));
        await page.SetContentAsync("<html lang='en'><title>t</title><main><h1>Title</h1><p style='color: #ccc; background: #fff'>faint</p></main></html>");

        Assert.Contains("color-contrast", Assert.Single(await FindInaccessibleAsync(page, ContrastRules)), StringComparison.Ordinal);
        Assert.Contains("color-contrast", Assert.Single(await FindInaccessibleAsync(page, AllRules)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_menu_takes_a_small_part_of_a_phone_and_one_line_of_a_desktop_and_details_stay_readable()
    {
        await StartAsync();
        await FillAsync();
        var phone = await browser.OpenAsync(_dashboard.Address, width: 375);
        await phone.GotoAsync("/actions");

        Assert.InRange(await HeightAsync(phone, "header"), 1, 200);
        Assert.True(await phone.EvaluateAsync<double>("document.querySelector('td.detail').getBoundingClientRect().width") >= 150, "A detail is a column of single words.");
        Assert.InRange(await HeightAsync(phone, "td a > code"), 1, 24);

        // The menu entry of the current page is bold, which must not push another entry to a second line.
        var desktop = await browser.OpenAsync(_dashboard.Address, width: 1200);
        foreach (var path in (string[])["/", "/playground", "/dead-letters"])
        {
            await desktop.GotoAsync(path);
            Assert.InRange(await HeightAsync(desktop, "header"), 1, 60);
        }

        static Task<double> HeightAsync(IPage page, string selector) => page.EvaluateAsync<double>($"document.querySelector('{selector}').getBoundingClientRect().height");
    }

    [Fact]
    public async Task A_page_shows_a_change_without_reload_and_times_in_the_zone_of_the_viewer()
    {
        await StartAsync();
        var page = await browser.OpenAsync(_dashboard.Address, zone: "Pacific/Auckland");
        await page.GotoAsync("/");
        await page.EvaluateAsync("window.notReloaded = true");
        var workflowEvent = SampleEvents.Create("RunCompleted", subject: "runs/live", time: "2026-06-01T12:00:00Z");

        await _dashboard.PublishAsync(workflowEvent, Token);
        await page.GetByText("runs/live").WaitForAsync();

        Assert.True(await page.EvaluateAsync<bool>("window.notReloaded"));
        var time = page.Locator("tr", new() { HasText = "runs/live" }).Locator("time");
        Assert.Equal("2026-06-02 00:00:00", await time.TextContentAsync());
        Assert.Equal("2026-06-01 12:00:00 UTC", await time.GetAttributeAsync("title"));
    }

    [Fact]
    public async Task A_change_during_an_update_is_shown_too()
    {
        await StartAsync();
        var page = await browser.OpenAsync(_dashboard.Address);
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await page.GotoAsync("/");
        await page.RouteAsync("**/", async route =>
        {
            // The first update has sent its request. The route delays the answer until the test continues.
            var response = await route.FetchAsync();
            asked.TrySetResult();
            await answer.Task;
            await route.FulfillAsync(new() { Response = response });
        });
        await _dashboard.PublishAsync(SampleEvents.Create("RunCompleted", subject: "runs/first"), Token);
        await asked.Task.WaitAsync(Token);
        await page.EvaluateAsync("new EventSource('/live').addEventListener('changed', () => { window.changes = (window.changes ?? 0) + 1; })");
        await Poll.UntilAsync(CountAsync, count => count >= 1, Token);
        await _dashboard.PublishAsync(SampleEvents.Create("RunCompleted", subject: "runs/second"), Token);
        await Poll.UntilAsync(CountAsync, count => count >= 2, Token);
        answer.SetResult();

        await page.GetByText("runs/second").WaitForAsync();

        // The content security policy of the page prevents Playwright's own wait for an expression, so the test polls.
        Task<int> CountAsync(CancellationToken cancellationToken) => page.EvaluateAsync<int>("window.changes ?? 0");
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
        var workflowEvent = SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""");
        var path = await _dashboard.PublishAsync(workflowEvent, Token);
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GotoAsync(path);
        await page.GetByText("Open in the playground").ClickAsync();

        await page.GetByLabel("Rules").FillAsync("""
            alerts:
              - name: failed
                when: { advancedFilters: [{ operatorType: StringIn, key: data.runStatus, values: [Failed] }] }
                send: { channel: teams, body: '{}' }
            """);
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Evaluate" }).ClickAsync();

        await page.GetByText("failed fires").WaitForAsync();
    }

    [Fact]
    public async Task The_playground_opens_a_past_event_and_shows_the_outcome_while_the_user_types()
    {
        await StartAsync();
        await _dashboard.PublishAsync(SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""", "runs/picked"), Token);
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GotoAsync("/playground");
        await page.GetByText("Pick a past event").ClickAsync();
        await page.Locator("tr", new() { HasText = "runs/picked" }).GetByRole(Microsoft.Playwright.AriaRole.Link).ClickAsync();
        await ReachAsync(page, "/playground?event=");
        await page.EvaluateAsync("window.notReloaded = true");

        await page.Locator("textarea[name=rules]").FillAsync("alerts: [{ name: typed, when: { includedEventTypes: [RunStatusChanged] }, send: { channel: teams, body: '{}' } }]");

        await page.GetByText("typed fires").WaitForAsync();
        Assert.True(await page.EvaluateAsync<bool>("window.notReloaded"));
        Assert.Contains("runs/picked", await page.GetByLabel("Event, as a CloudEvent").InputValueAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_in_quarantine_is_replayed_after_its_plan_was_shown()
    {
        const string Content = """{"specversion": "1.0", "id": "late-1", "source": "s", "type": "Microsoft.MachineLearningServices.RunCompleted"}""";
        await using var ingress = new Operating.FakeService();
        await ingress.StartAsync(Token);
        var message = $$"""{"id": "m1", "state": "open", "reason": "the broker refused it", "topic": "", "lastReceivedAt": "2026-11-01T12:00:00Z", "size": 100, "headers": {}, "raw": "{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Content))}}"}""";
        ingress.Answers["GET /quarantine?limit=50"] = (200, $$"""{"items": [{{message}}], "continuation": null}""");
        ingress.Answers["GET /quarantine/m1"] = (200, message);
        ingress.Answers["POST /quarantine/m1/replay"] = (200, """{"id": "m1", "published": 1}""");
        _dashboard.Fixture.Settings["Dashboard:Services:ingress"] = ingress.Address;
        await StartAsync();
        await _dashboard.LoadAsync("v1", "alerts: [{ name: tell, when: { includedEventTypes: [RunCompleted] }, send: { channel: teams, body: '{}' } }]", Token);
        await _dashboard.UntilAsync("/rules/notifier", _ => true, Token);
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GotoAsync("/quarantine");
        await page.Locator("a[href='/quarantine/m1']").ClickAsync();

        await page.GetByText("the broker refused it").WaitForAsync();
        await page.GetByText("fires notifier / tell").WaitForAsync();
        Assert.False(await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Replay with force" }).IsVisibleAsync());
        Assert.DoesNotContain(ingress.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal));
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Replay", Exact = true }).ClickAsync();

        await page.GetByText("ingress accepted the replay.").WaitForAsync();
        Assert.Equal("POST /quarantine/m1/replay", Assert.Single(ingress.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_keyboard_alone_retries_a_failed_action()
    {
        await using var retrainer = new Operating.FakeService();
        await retrainer.StartAsync(Token);
        retrainer.Answers[$"GET /actions/{Action}"] = (200, """{"plan": {"kind": "job"}}""");
        retrainer.Answers[$"POST /actions/{Action}/retry"] = (200, "{}");
        _dashboard.Fixture.Settings["Dashboard:Services:retrainer"] = retrainer.Address;
        await StartAsync();
        await _dashboard.ChangeAsync(Action, "failed", SampleEvents.Create("DatasetDriftDetected"), Token, "Azure answered 409");
        await _dashboard.UntilAsync($"/actions/{Action}", _ => true, Token);
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GotoAsync($"/actions/{Action}");

        await PressAsync(page, "A", "Retry");
        await ReachAsync(page, $"/actions/{Action}/retry");
        await PressAsync(page, "BUTTON", "Retry");

        await page.GetByText("retrainer accepted the retry.").WaitForAsync();
    }

    [Fact]
    public async Task Screenshots_of_the_main_pages_can_be_taken()
    {
        await StartAsync();
        await FillAsync();
        var folder = Environment.GetEnvironmentVariable("MLEVENTS_SCREENSHOTS") ?? Path.Combine(AppContext.BaseDirectory, "screenshots");
        var page = await browser.OpenAsync(_dashboard.Address);
        (string Name, string Path)[] shown =
        [
            ("now", "/"), ("chain", "/chain?id=drift-1"), ("events", "/events"), ("chains", "/chains"), ("actions", "/actions"), ("approvals", "/approvals"), ("models", "/model?name=churn"), ("rules", "/rules"),
            ("playground", "/playground"), ("storm", "/storm"), ("quarantine", "/quarantine"), ("dead-letters", "/dead-letters"),
        ];
        foreach (var (name, path) in shown)
        {
            await page.GotoAsync(path);
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"dashboard-{name}.png") });
            Assert.InRange(new FileInfo(Path.Combine(folder, $"dashboard-{name}.png")).Length, 1_000, 200_000);
        }
    }

    public ValueTask DisposeAsync() => _dashboard.DisposeAsync();

    // Runs axe in the page and returns its serious findings. RunAxe of the Playwright package gives the same for a page without frames, but opens another browser page
    // for each call, which takes seconds.
    private static async Task<string[]> FindInaccessibleAsync(IPage page, string options)
    {
        await page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
        return await page.EvaluateAsync<string[]>($$"""
            async () => (await axe.run(document, {{options}})).violations
                .filter(finding => ['serious', 'critical'].includes(finding.impact))
                .map(finding => `${finding.id} ${finding.help}: ${finding.nodes.map(node => node.html).join(', ')}`)
            """);
    }

    // Waits until the browser shows an address. The error contains the address and the page that the browser shows instead.
    private static async Task ReachAsync(IPage page, string address)
    {
        // WaitForURLAsync reads the address and then subscribes to navigations. It misses a navigation that ends in between.
        try
        {
            await Poll.UntilAsync(() => page.Url.Contains(address, StringComparison.Ordinal), Token);
            await Poll.UntilAsync(_ => page.EvaluateAsync<string>("document.readyState"), state => state == "complete", Token);
        }
        catch (TimeoutException fault)
        {
            throw new InvalidOperationException($"{page.Url} instead of {address}; focus: {await page.EvaluateAsync<string>("document.activeElement.outerHTML.slice(0, 200)")}; page: {await page.ContentAsync()}", fault);
        }
    }

    // Presses Tab until the element with the given name and text has the focus. Then presses Enter.
    private static async Task PressAsync(IPage page, string element, string text)
    {
        for (var tab = 0; await page.EvaluateAsync<string>("document.activeElement.tagName + ' ' + document.activeElement.textContent.trim()") != $"{element} {text}"; tab++)
        {
            Assert.InRange(tab, 0, 60);
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
    }

    private async Task StartAsync()
    {
        Assert.SkipUnless(BrowserFixture.IsInstalled, BrowserFixture.NotInstalled);
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
        await _dashboard.LoadAsync("v1", "alerts: [{ name: tell, when: { includedEventTypes: [DatasetDriftDetected] }, send: { channel: teams, body: '{}' } }]", Token);
        await _dashboard.LoadAsync("v2", "alerts: [{ name: tell, when: { includedEventTypes: [RunCompleted] }, send: { channel: teams, body: '{}' } }]", Token);
        await _dashboard.UntilAsync("/rules/notifier", page => page.Contains("v1", StringComparison.Ordinal) && page.Contains("v2", StringComparison.Ordinal), Token);
        await _dashboard.UntilAsync($"/approvals/{Action}/1", _ => true, Token);
        await _dashboard.UntilAsync("/actions/bb112233445566778899", _ => true, Token);
        await _dashboard.UntilAsync("/actions/aa112233445566778899", _ => true, Token);
        return
        [
            "/", "/events", eventPage, $"{eventPage}/explanation", "/chains", "/chain?id=drift-1", "/actions", $"/actions/{Action}", $"/actions/{Action}/retry", "/actions/bb112233445566778899/cancel",
            "/approvals", $"/approvals/{Action}/1", $"/approvals/{Action}/1/approve", "/models", "/model?name=churn", "/storm", "/bulk?operation=retry", "/rules", "/playground", "/quarantine", "/dead-letters", "/audit", "/signin",
            "/rules/notifier", "/storm?hours=720",
        ];
    }
}
