using MLEvents.Dashboard.History;
using MLEvents.Deployer;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Browser;

/// <summary>A roll-out of the real deployer waits for an approval, and a user approves it in a real browser.</summary>
[Trait("speed", "slow")]
public sealed class ApprovalBrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>, IAsyncDisposable
{
    private const string Rules = """
        deployments:
          - name: approved
            model: { name: churn }
            deploy: { endpoint: churn-scoring, location: westeurope }
            approval: { from: [ml-leads@example.com] }

        """;

    private readonly ServiceFixture _deployer = new("deployer", configure => DeployerService.Create(["--environment=Development"], configure));
    private SimulatedAzure? _azure;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_roll_out_that_waits_continues_when_it_is_approved_on_its_page()
    {
        Assert.SkipUnless(BrowserFixture.IsInstalled, BrowserFixture.NotInstalled);
        var registered = SampleEvents.Create("ModelRegistered", """{ "ModelName": "churn", "ModelVersion": "1" }""", "models/churn:1");
        var dashboard = await StartAsync();
        await _deployer.PublishAsync(registered, Token);
        var waiting = await _deployer.Activity.FirstAsync(action => action.Stage == ActionStages.AwaitingApproval, Token);
        var page = await browser.OpenAsync(dashboard);

        // This is the page to which the notice links. The question may arrive at the dashboard after the event about the change of the action.
        var address = $"/approvals/{waiting.ActionId}/0";
        await Poll.UntilAsync(async token => (await page.GotoAsync(address))?.Status, status => status == 200, Token);
        await page.GetByText("churn:1", new() { Exact = true }).WaitForAsync();
        await page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Approve", Exact = true }).ClickAsync();
        await page.GetByText("cannot be changed").WaitForAsync();
        await page.GetByLabel("Comment").FillAsync("looks right");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await page.GetByText("deployer accepted the approval.").WaitForAsync();

        Assert.Equal("succeeded", (await _deployer.EndOfAsync("approved", registered, Token)).Status);
        await page.GetByText("Settled: approved by operator.").WaitForAsync();
        await page.GetByText("looks right").First.WaitForAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _deployer.DisposeAsync();
        if (_azure is not null)
        {
            await _azure.DisposeAsync();
        }
    }

    private async Task<Uri> StartAsync()
    {
        _azure = await SimulatedAzure.StartAsync(Token);
        await _azure.RegisterAsync("churn", "1", Token);
        _deployer.Folder.Write("rules/deployments.yaml", Rules);
        foreach (var (name, value) in _azure.Settings)
        {
            _deployer.Settings[name] = value;
        }

        _deployer.Settings["Deployer:PollInterval"] = "00:00:00.050";
        _deployer.Settings["Ledger:LimitInterval"] = "00:00:00.200";
        await _deployer.StartAsync(Token);
        var dashboard = await _deployer.StartBesideAsync(
            "dashboard",
            configure => DashboardService.Create(["--environment", "Development"], configure),
            [new("History:File", Path.Combine(_deployer.Folder.Path, "dashboard.db")), new("Dashboard:Services:deployer", _deployer.Service.Client.BaseAddress?.ToString())],
            Token);
        return dashboard.Client.BaseAddress ?? throw new InvalidOperationException("The dashboard is not started.");
    }
}
