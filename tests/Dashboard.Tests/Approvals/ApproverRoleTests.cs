using MLEvents.Dashboard.Tests.Access;
using MLEvents.Dashboard.Tests.Operating;
using MLEvents.Events;
using MLEvents.Tests.Services;
using MLEvents.Tests.Services.Identity;

namespace MLEvents.Dashboard.Tests.Approvals;

/// <summary>The role that is required for decisions, with a real OpenID Connect provider.</summary>
public sealed class ApproverRoleTests
{
    private const string Page = "/approvals/00112233445566778899/1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_sees_the_evidence_and_only_an_approver_can_decide()
    {
        await using var deployer = new FakeService { Accepts = authorization => authorization.StartsWith("Bearer eyJ", StringComparison.Ordinal) };
        await deployer.StartAsync(Token);
        deployer.Answers["POST /approvals/00112233445566778899/approve"] = (200, "{}");
        await using var fixture = await OpenIdFixture.StartAsync(Token, ("Dashboard:Services:deployer", deployer.Address));
        await fixture.Dashboard.AskAsync("00112233445566778899", SampleEvents.Create("ModelRegistered", "{}"), Token);
        fixture.Provider.User = new ProviderUser("bob@example.com", [OperatorRoles.Operator]);
        using var operates = fixture.CreateBrowser();
        using var operatorSignedIn = await OpenIdFixture.SignInAsync(operates, Token);
        fixture.Provider.User = new ProviderUser("ann@example.com", [OperatorRoles.Approver]);
        using var approves = fixture.CreateBrowser();
        using var approverSignedIn = await OpenIdFixture.SignInAsync(approves, Token);

        var seen = await operates.GetStringAsync(new Uri(Page, UriKind.Relative), Token);
        using var denied = await operates.GetAsync(new Uri($"{Page}/approve", UriKind.Relative), Token);
        var form = await approves.GetStringAsync(new Uri($"{Page}/approve", UriKind.Relative), Token);
        using var content = AntiforgeryForm.CreateFor(form);
        using var decided = await approves.PostAsync(new Uri($"{Page}/approve", UriKind.Relative), content, Token);

        Assert.Contains("your account needs the role MLEvents.Approver", seen, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Page}/approve", seen, StringComparison.Ordinal);
        Assert.StartsWith("/denied", denied.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
        Assert.Contains("deployer%20accepted%20the%20approval.", decided.Headers.Location?.ToString(), StringComparison.Ordinal);
        Assert.Single(deployer.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal));
        Assert.Contains("ann@example.com from", await approves.GetStringAsync(new Uri("/audit", UriKind.Relative), Token), StringComparison.Ordinal);
    }
}
