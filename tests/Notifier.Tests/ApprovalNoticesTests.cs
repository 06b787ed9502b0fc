using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger.Approvals;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

/// <summary>The mails about actions that wait for an approval.</summary>
public sealed class ApprovalNoticesTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private static readonly DateTimeOffset Until = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_recipient_gets_a_mail_with_the_evidence_and_a_link_of_their_own()
    {
        var requests = Plan(Key, new Dictionary<string, Uri> { ["approval"] = new($"https://approvals.example.com/{ApprovalLink.PathOf("5186b2cc012397914252", 1)}") });

        var mails = requests.Select(request => Assert.IsType<MailPlan>(request.Plan("").Plan)).ToList();
        Assert.Equal(["ann@example.com", "bob@example.com"], mails.Select(mail => Assert.Single(mail.To)));
        Assert.Equal("Approval needed before traffic: churn-rollout", mails[0].Subject);
        Assert.All(["model: churn:12", "chain: chain-1", "mlevents approvals approve 5186b2cc012397914252", "2026-11-29 12:00 UTC: reject"], text => Assert.Contains(text, mails[0].Text, StringComparison.Ordinal));
        foreach (var mail in mails)
        {
            var link = new ApprovalLink("5186b2cc012397914252", 1, mail.To[0], Until);
            Assert.Contains($"https://approvals.example.com/approve/5186b2cc012397914252/1{link.Sign(Key)}", mail.Text, StringComparison.Ordinal);
        }

        Assert.Equal(2, requests.Select(request => request.DeduplicationKey).Distinct().Count());
    }

    [Fact]
    public void Without_a_key_or_an_address_the_mail_names_the_command_only()
    {
        var page = new Dictionary<string, Uri> { ["approval"] = new("https://approvals.example.com/approve/5186b2cc012397914252/1") };

        Assert.All(
            Plan(null, page).Concat(Plan(Key, [])),
            request => Assert.DoesNotContain("https://", Assert.IsType<MailPlan>(request.Plan("").Plan).Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://mlevents.example.com")]
    [InlineData("https://mlevents.example.com/")]
    public void The_mail_leads_to_the_page_of_the_question_in_the_dashboard(string dashboard)
    {
        var mail = Assert.IsType<MailPlan>(Plan(null, [], dashboard)[0].Plan("").Plan);

        Assert.Equal(("dashboard", "https://mlevents.example.com/approvals/5186b2cc012397914252/1"), (mail.PageName, mail.Studio.ToString()));
        Assert.Contains("\nchain: chain-1 https://mlevents.example.com/chain?id=chain-1\n", mail.Text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("\nhttps://mlevents.example.com/approvals/5186b2cc012397914252/1", mail.Text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://approvals.example.com/approve/5186b2cc012397914252/1", "approval")]
    [InlineData(null, null)]
    public void Without_a_dashboard_the_action_links_to_the_approval_or_to_the_studio(string? approval, string? name)
    {
        var links = approval is null ? new Dictionary<string, Uri>() : new Dictionary<string, Uri> { ["approval"] = new(approval) };

        var mail = Assert.IsType<MailPlan>(Plan(null, links)[0].Plan("").Plan);

        Assert.Equal((name, approval ?? "https://ml.azure.com/"), (mail.PageName, approval is null ? mail.Studio.GetLeftPart(UriPartial.Authority) + "/" : mail.Studio.ToString()));
    }

    [Fact]
    public async Task The_action_of_a_notice_names_the_dashboard_as_the_target_of_its_link()
    {
        await using var notifier = new NotifierFixture("alerts: []");
        notifier.Fixture.Settings["Dashboard:PublicAddress"] = "https://mlevents.example.com";
        await notifier.StartAsync(TestContext.Current.CancellationToken);
        var asked = SampleEvents.Create(EventTypes.ApprovalRequested, JsonSerializer.Serialize(Question([]), JsonSerializerOptions.Web));

        await notifier.Fixture.PublishAsync(asked, TestContext.Current.CancellationToken);
        var end = await notifier.Fixture.EndOfAsync(ApprovalNotices.Rule, asked, TestContext.Current.CancellationToken);

        Assert.Equal(("dashboard", "https://mlevents.example.com/approvals/5186b2cc012397914252/1"), (Assert.Single(end.Links).Key, end.Links["dashboard"].AbsoluteUri));
    }

    [Fact]
    public void Data_that_is_not_a_question_is_refused()
    {
        var notices = new ApprovalNotices(Options.Create(new ApprovalOptions()), Options.Create(new DashboardLinkOptions()));

        Assert.Throws<ArgumentException>(() => notices.Plan(SampleEvents.Create(EventTypes.ApprovalRequested, """{"actionId":"a"}"""), StudioLinks.PublicStudio));
    }

    private static IReadOnlyList<Ledger.ActionRequest<AlertPlan>> Plan(string? key, Dictionary<string, Uri> links, string? dashboard = null)
    {
        return new ApprovalNotices(Options.Create(new ApprovalOptions { LinkKey = key }), Options.Create(new DashboardLinkOptions { PublicAddress = dashboard is null ? null : new(dashboard) }))
            .Plan(SampleEvents.Create(EventTypes.ApprovalRequested, JsonSerializer.Serialize(Question(links), JsonSerializerOptions.Web)), StudioLinks.PublicStudio);
    }

    private static ApprovalRequested Question(Dictionary<string, Uri> links) => new(
        "deployer", "churn-rollout", "5186b2cc012397914252", 1, "chain-1", new("e-1", EventTypes.ModelRegistered, "models/churn:12", "/ws"), ["ann@example.com", "bob@example.com"], "traffic",
        new Dictionary<string, string> { ["model"] = "churn:12" }, Until, "reject", 1, links);
}
