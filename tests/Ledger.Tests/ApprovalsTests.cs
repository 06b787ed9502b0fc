using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using Dapr.Client.Autogen.Grpc.v1;

using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Ledger.Approvals;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>Approvals over the operators' routes and the signed links of a running service.</summary>
public sealed class ApprovalsTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private const string Expose = "expose";
    private static readonly Approval RequiredApproval = new(["ml-leads@example.com"], "traffic", [Expose], TimeSpan.FromHours(24), IsApprovedOnTimeout: false, Required: 1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_action_waits_before_the_named_step_and_continues_once_when_it_is_approved()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval && record.LeaseOwner is null, Token);

        var (_, page) = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, "/approvals", Token);
        var (status, approved) = await DecideAsync(fixture, waiting.Id, "approve", "better on all segments");
        var done = await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);
        var (again, refusal) = await DecideAsync(fixture, waiting.Id, "reject", "no");

        Assert.Equal("waiting", waiting.StatusName);
        Assert.Equal(("open", "traffic"), (Text(page.GetProperty("items")[0], "status"), Text(page.GetProperty("items")[0], "before")));
        Assert.Equal((HttpStatusCode.OK, "approved"), (status, Text(approved, "status")));
        Assert.Equal((ActionStatus.Succeeded, 2), (done.Status, fixture.Work.Steps));
        Assert.Equal(("approved", "operator", "better on all segments"), (done.State["approval"], done.State["approval.by"], done.State["approval.comment"]));
        Assert.Equal(HttpStatusCode.Conflict, again);
        Assert.Contains("The question is settled: approved by operator: better on all segments", Text(refusal, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_action_is_skipped_and_takes_no_further_step()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);

        await DecideAsync(fixture, waiting.Id, "reject", "wait for the audit");
        var ended = await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);

        Assert.Equal((ActionStatus.Skipped, "rejected by operator: wait for the audit", 1), (ended.Status, ended.Detail, fixture.Work.Steps));
        Assert.True(fixture.Requests.IsCancelled);
    }

    [Theory]
    [InlineData(true, ActionStatus.Succeeded, "approved")]
    [InlineData(false, ActionStatus.Skipped, "rejected")]
    public async Task At_the_time_out_the_action_is_approved_or_rejected_as_the_rule_says(bool isApproved, ActionStatus status, string outcome)
    {
        await using var fixture = await StartAsync();

        var workflowEvent = await AskAsync(fixture, RequiredApproval with { Timeout = TimeSpan.FromMilliseconds(50), IsApprovedOnTimeout = isApproved });
        var ended = await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);
        var (late, _) = await DecideAsync(fixture, ended.Id, "approve", null);

        Assert.Equal((status, outcome, ApprovalDecision.TimeOut, HttpStatusCode.Conflict), (ended.Status, ended.State["approval"], ended.State["approval.by"], late));
    }

    [Fact]
    public async Task Two_required_approvals_need_two_people()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval with { Required = 2 });
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);
        var control = fixture.Services.GetRequiredService<ApprovalControl>();

        var first = await control.DecideAsync(waiting.Id, DecisionKind.Approved, "Ann <ann@example.com>", null, null, Token);
        var same = await control.DecideAsync(waiting.Id, DecisionKind.Approved, "ANN@example.com", null, null, Token);
        var between = await fixture.RecordAsync(workflowEvent, record => record.Detail?.Contains("1 of 2 approvals", StringComparison.Ordinal) == true, Token);
        var second = await control.DecideAsync(waiting.Id, DecisionKind.Approved, "bob@example.com", null, null, Token);
        var done = await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);

        Assert.Null(first.Refusal);
        Assert.Contains("has approved already", same.Refusal, StringComparison.Ordinal);
        Assert.Equal(LedgerStages.AwaitingApproval, between.Stage);
        Assert.Null(second.Refusal);
        Assert.Equal((ActionStatus.Succeeded, "Ann <ann@example.com>, bob@example.com"), (done.Status, done.State["approval.by"]));
    }

    [Fact]
    public async Task A_question_that_one_of_two_people_approved_stays_stored_for_the_retention_period_after_its_time_out()
    {
        await using var fixture = await StartAsync(("Ledger:Retention", "1.00:00:00"));
        var workflowEvent = await AskAsync(fixture, RequiredApproval with { Required = 2, Timeout = TimeSpan.FromDays(7) });
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);

        await fixture.Services.GetRequiredService<ApprovalControl>().DecideAsync(waiting.Id, DecisionKind.Approved, "ann@example.com", null, null, Token);

        var left = await fixture.ExpiryAsync($"approval-{waiting.Id}-0", Token) - TimeProvider.System.GetUtcNow();
        Assert.InRange(left ?? default, TimeSpan.FromDays(7.99), TimeSpan.FromDays(8.01));
    }

    [Fact]
    public async Task The_person_who_caused_the_action_cannot_approve_it_but_can_reject_it()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval, """{"createdBy":"ann@example.com"}""");
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);
        var control = fixture.Services.GetRequiredService<ApprovalControl>();

        var approval = await control.DecideAsync(waiting.Id, DecisionKind.Approved, "ann@example.com", null, null, Token);
        var rejection = await control.DecideAsync(waiting.Id, DecisionKind.Rejected, "ann@example.com", null, null, Token);

        Assert.Equal((409, null), (approval.Status, rejection.Refusal));
        Assert.Contains("somebody else must approve it", approval.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_one_of_concurrent_decisions_is_recorded()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);
        var control = fixture.Services.GetRequiredService<ApprovalControl>();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => control.DecideAsync(
            waiting.Id, number % 2 == 0 ? DecisionKind.Approved : DecisionKind.Rejected, $"person-{number}@example.com", null, null, Token)));
        var ended = await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);

        Assert.Single(results, result => result.Refusal is null);
        Assert.Equal(ended.Status == ActionStatus.Succeeded ? "approved" : "rejected", ended.State["approval"]);
    }

    [Fact]
    public async Task The_question_of_an_obsolete_action_is_closed_with_the_reason()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);

        fixture.Requests.Obstacle = "superseded by churn:13";
        var ended = await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);
        var (status, refusal) = await DecideAsync(fixture, waiting.Id, "approve", null);

        Assert.Equal((ActionStatus.Skipped, "superseded by churn:13"), (ended.Status, ended.Detail));
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("superseded by tester: superseded by churn:13", Text(refusal, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_action_accepts_no_decision()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval && record.LeaseOwner is null, Token);
        await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{waiting.Id}/cancel", Token);
        await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);

        var (status, refusal) = await DecideAsync(fixture, waiting.Id, "approve", null);
        var (_, shown) = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, $"/approvals/{waiting.Id}", Token);

        Assert.Equal((HttpStatusCode.Conflict, "superseded"), (status, Text(shown, "status")));
        Assert.Contains("does not wait for an approval any more", Text(refusal, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_link_shows_the_question_on_GET_and_decides_once_on_POST()
    {
        await using var fixture = await StartAsync(("Approvals:LinkKey", Key), ("Approvals:PublicAddress", "http://127.0.0.1:1"));
        var workflowEvent = await AskAsync(fixture, RequiredApproval, """{"note":"<script>alert(1)</script>"}""");
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval && record.LeaseOwner is null, Token);
        var path = $"/{ApprovalLink.PathOf(waiting.Id, 0)}{Link(waiting.Id).Sign(Key)}";
        using var http = new HttpClient { BaseAddress = fixture.Fixture.Service.Client.BaseAddress };

        for (var scan = 0; scan < 3; scan++)
        {
            using var shown = await http.GetAsync(new Uri(path, UriKind.Relative), Token);
            Assert.Equal((HttpStatusCode.OK, "no-store"), (shown.StatusCode, shown.Headers.CacheControl?.ToString()));
            Assert.Contains("Approve", await shown.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        Assert.Equal(LedgerStages.AwaitingApproval, (await fixture.RecordAsync(workflowEvent, _ => true, Token)).Stage);
        using var decided = await http.PostAsync(new Uri(path, UriKind.Relative), Form("approve", "fine"), Token);
        var done = await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);
        using var again = await http.PostAsync(new Uri(path, UriKind.Relative), Form("reject", ""), Token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict), (decided.StatusCode, again.StatusCode));
        Assert.Equal((ActionStatus.Succeeded, "ml-leads@example.com", "fine"), (done.Status, done.State["approval.by"], done.State["approval.comment"]));
        Assert.Equal(new Uri($"http://127.0.0.1:1/approve/{waiting.Id}/0"), waiting.Links["approval"]);
    }

    [Fact]
    public async Task A_decision_is_not_confirmed_if_the_question_does_not_exist_any_more()
    {
        using var calls = new SidecarCalls();
        await using var fixture = await LedgerFixture.StartAsync(
            (record, _) => record.Stage.Length == 0 ? new Continue(Expose, TimeSpan.Zero) : new Succeeded(), calls, Token, ("Approvals:LinkKey", Key));
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval && record.LeaseOwner is null, Token);
        using var http = new HttpClient { BaseAddress = fixture.Fixture.Service.Client.BaseAddress };

        // The first read is the check of the page, and the second read is the check of the ledger. The third read belongs to the write of the decision.
        var reads = 0;
        calls.OnCall = call => call.Method == "GetState" && call.Read(GetStateRequest.Parser).Key.StartsWith("approval-", StringComparison.Ordinal) && Interlocked.Increment(ref reads) == 3
            ? Task.FromResult(SidecarCall.Answer(new GetStateResponse()))
            : call.ForwardAsync();
        using var answer = await http.PostAsync(new Uri($"/{ApprovalLink.PathOf(waiting.Id, 0)}{Link(waiting.Id).Sign(Key)}", UriKind.Relative), Form("approve", ""), Token);

        Assert.Equal((HttpStatusCode.Conflict, 3), (answer.StatusCode, reads));

        // The operators' route has no page that reads the question, so the count starts with 1.
        reads = 1;
        var (status, refusal) = await DecideAsync(fixture, waiting.Id, "approve", null);

        Assert.Equal((HttpStatusCode.Conflict, 3), (status, reads));
        Assert.Equal("The question does not exist any more.", Text(refusal, "detail"));
        Assert.Contains("The decision was not recorded", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_was_changed_has_expired_or_was_signed_with_another_key_is_refused()
    {
        await using var fixture = await StartAsync(("Approvals:LinkKey", Key));
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);
        using var http = new HttpClient { BaseAddress = fixture.Fixture.Service.Client.BaseAddress };
        var link = Link(waiting.Id);
        string[] queries =
        [
            "", link.Sign("another-key-of-at-least-32-characters"), link.Sign(Key).Replace("ml-leads", "attacker", StringComparison.Ordinal),
            (link with { Generation = 1 }).Sign(Key), (link with { ExpiresAt = TimeProvider.System.GetUtcNow().AddMinutes(-1) }).Sign(Key), link.Sign(Key) + "0",
        ];

        foreach (var query in queries)
        {
            using var answer = await http.PostAsync(new Uri($"/{ApprovalLink.PathOf(waiting.Id, 0)}{query}", UriKind.Relative), Form("approve", ""), Token);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        Assert.Equal(LedgerStages.AwaitingApproval, (await fixture.RecordAsync(workflowEvent, _ => true, Token)).Stage);
    }

    [Fact]
    public async Task A_repeated_question_after_a_crash_keeps_its_time_out()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);
        var store = fixture.Services.GetRequiredService<ApprovalStore>();
        var before = await store.FindAsync(waiting, Token);

        var repeated = await fixture.Services.GetRequiredService<ApprovalCheck>().HoldBackAsync(waiting with { Stage = Expose }, Token);

        Assert.IsType<Continue>(repeated);
        Assert.Equal(before?.ExpiresAt, (await store.FindAsync(waiting, Token))?.ExpiresAt);
    }

    [Fact]
    public async Task A_dry_run_takes_no_step_asks_for_no_approval_and_describes_its_action()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = SampleEvents.Create("RunCompleted");

        await fixture.Runner.RunAsync(workflowEvent, [new PlannedAction("r", "v1", JsonSerializer.SerializeToElement(new { }), null) { IsDryRun = true, Approval = RequiredApproval }], Token);
        var ended = await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);
        var (_, shown) = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, $"/actions/{ended.Id}", Token);

        Assert.Equal((ActionStatus.Skipped, 0, 3), (ended.Status, fixture.Work.Steps, ended.Version));
        Assert.Equal("dry run: nothing was changed; the action would execute model: churn:12", ended.Detail);
        Assert.True(shown.GetProperty("dryRun").GetBoolean());
    }

    [Fact]
    public async Task A_decision_about_the_question_of_an_earlier_generation_is_refused()
    {
        await using var fixture = await StartAsync();
        var workflowEvent = await AskAsync(fixture, RequiredApproval);
        var waiting = await fixture.RecordAsync(workflowEvent, record => record.Stage == LedgerStages.AwaitingApproval, Token);
        await DecideAsync(fixture, waiting.Id, "reject", null);
        await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token);
        await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{waiting.Id}/retry?force=true", Token);
        await fixture.RecordAsync(workflowEvent, record => record is { Generation: 1, Stage: LedgerStages.AwaitingApproval }, Token);

        var (earlier, refusal) = await DecideAsync(fixture, waiting.Id, "approve", null, generation: 0);
        var (current, _) = await DecideAsync(fixture, waiting.Id, "approve", null, generation: 1);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.OK), (earlier, current));
        Assert.Contains("The question of generation 0 is superseded", Text(refusal, "detail"), StringComparison.Ordinal);
    }

    private static ApprovalLink Link(string id) => new(id, 0, "ml-leads@example.com", DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds()));

    private static FormUrlEncodedContent Form(string decision, string comment) => new(new Dictionary<string, string> { ["decision"] = decision, ["comment"] = comment });

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static Task<LedgerFixture> StartAsync(params (string Key, string Value)[] settings) => LedgerFixture.StartAsync(
        (record, _) => record.Stage switch { "" => new Continue(Expose, TimeSpan.Zero), _ => new Succeeded() }, Token, [("Ledger:LimitInterval", "00:00:00.2"), .. settings]);

    private static async Task<WorkflowEvent> AskAsync(LedgerFixture fixture, Approval approval, string data = "{}")
    {
        var workflowEvent = SampleEvents.Create("RunCompleted", data);
        await fixture.Runner.RunAsync(workflowEvent, [new PlannedAction("r", "v1", JsonSerializer.SerializeToElement(new { }), null) { Approval = approval }], Token);
        return workflowEvent;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> DecideAsync(LedgerFixture fixture, string id, string decision, string? comment, int? generation = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/approvals/{id}/{decision}") { Content = JsonContent.Create(new { comment, generation }) };
        request.Headers.TryAddWithoutValidation("x-api-key", MLEvents.Tests.Common.OperatorApi.Token);
        using var answer = await fixture.Fixture.Service.Client.SendAsync(request, Token);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Token));
    }
}
