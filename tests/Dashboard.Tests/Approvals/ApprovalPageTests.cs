using System.Net;

using MLEvents.Dashboard.Tests.Operating;
using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Approvals;

/// <summary>The pages of questions, and the decisions that they send to a service.</summary>
public sealed class ApprovalPageTests : IAsyncLifetime
{
    private const string Action = "00112233445566778899";
    private const string Page = $"/approvals/{Action}/1";

    private readonly FakeService _deployer = new();
    private readonly DashboardFixture _dashboard = new();
    private readonly WorkflowEvent _registered = SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "12"}""", "models/churn:12", "model-1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _deployer.StartAsync(Token);
        _dashboard.Fixture.Settings["Dashboard:Services:deployer"] = _deployer.Address;
        await _dashboard.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _dashboard.DisposeAsync();
        await _deployer.DisposeAsync();
    }

    [Fact]
    public async Task A_question_is_listed_and_its_pages_show_the_evidence_and_send_no_decision()
    {
        await _dashboard.AskAsync(Action, _registered, Token);
        await _dashboard.UntilAsync(Page, _ => true, Token);

        foreach (var path in (string[])["/approvals", "/"])
        {
            Assert.Contains($"href=\"{Page}\"", await _dashboard.ReadAsync(path, Token), StringComparison.Ordinal);
        }

        var page = await _dashboard.ReadAsync(Page, Token);
        var confirmation = await _dashboard.ReadAsync($"{Page}/approve", Token);
        Assert.All(["churn:12", "href=\"/model?name=churn\"", "blue 90%, green 10%", "sample request passed", "/chain?id=model-1", "ml-leads@example.com"], text => Assert.Contains(text, page, StringComparison.Ordinal));
        Assert.Contains("continues the action with the step that waits: traffic", confirmation, StringComparison.Ordinal);
        Assert.Contains("ends the action as skipped", await _dashboard.ReadAsync($"{Page}/reject", Token), StringComparison.Ordinal);
        Assert.DoesNotContain(_deployer.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("approve", "approval")]
    [InlineData("reject", "rejection")]
    public async Task A_decision_is_sent_to_the_service_with_comment_and_generation_and_is_audited(string decision, string operation)
    {
        _deployer.Answers[$"POST /approvals/{Action}/{decision}"] = (200, "{}");
        await _dashboard.AskAsync(Action, _registered, Token);
        await _dashboard.UntilAsync(Page, _ => true, Token);

        using var response = await _dashboard.PostAsync($"{Page}/{decision}", $"{Page}/{decision}", Token, ("comment", "looked at the segments"));

        Assert.Contains($"deployer accepted the {operation}.", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal("""{"comment":"looked at the segments","generation":1}""", Assert.Single(_deployer.Bodies.All));
        Assert.Contains($"{operation}: looked at the segments", await _dashboard.ReadAsync("/audit", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_the_service_is_shown()
    {
        _deployer.Answers[$"POST /approvals/{Action}/approve"] = (409, """{"title": "The decision was not recorded.", "detail": "ann@example.com caused the action, so somebody else must approve it."}""");
        await _dashboard.AskAsync(Action, _registered, Token);
        await _dashboard.UntilAsync(Page, _ => true, Token);

        using var response = await _dashboard.PostAsync($"{Page}/approve", $"{Page}/approve", Token);

        Assert.Contains("so somebody else must approve it", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_that_the_service_has_recorded_is_shown_before_the_event_about_it_arrives()
    {
        _deployer.Answers[$"GET /approvals/{Action}"] = (200, """
            {"generation": 1, "status": "open", "requestedBy": "ann@example.com",
             "decisions": [{"decision": "approved", "by": "bob@example.com", "at": "2026-11-01T12:00:00Z", "comment": "first"}]}
            """);
        await _dashboard.AskAsync(Action, _registered, Token);

        var page = await _dashboard.UntilAsync(Page, text => text.Contains("bob@example.com", StringComparison.Ordinal), Token);

        Assert.Contains("ann@example.com, so somebody else must approve", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_settled_question_says_who_decided_and_offers_no_button()
    {
        await _dashboard.DecideAsync(Action, 1, "rejected", _registered, Token);
        await _dashboard.AskAsync(Action, _registered, Token);

        var page = await _dashboard.UntilAsync(Page, text => text.Contains("Settled: rejected by ann@example.com", StringComparison.Ordinal), Token);

        Assert.DoesNotContain($"{Page}/approve", page, StringComparison.Ordinal);
        Assert.Contains("Nothing to decide", await _dashboard.ReadAsync($"{Page}/approve", Token), StringComparison.Ordinal);
        Assert.Contains("No action waits for an approval", await _dashboard.ReadAsync("/approvals", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_questions_beyond_the_limit_of_the_page_are_counted_and_not_listed_as_settled()
    {
        await Task.WhenAll(Enumerable.Range(0, 101).Select(number => _dashboard.AskAsync($"{number:d20}", _registered, Token, expiresIn: TimeSpan.FromMinutes(60 + number))));

        var page = await _dashboard.UntilAsync("/approvals", text => text.Contains("101 questions are open", StringComparison.Ordinal), Token);

        Assert.Contains("No question was settled", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_of_a_restarted_action_is_superseded_and_a_question_past_its_time_limit_has_expired()
    {
        await _dashboard.AskAsync(Action, _registered, Token);
        await _dashboard.ChangeAsync(Action, "running", _registered, Token, service: "deployer", generation: 2);
        await _dashboard.AskAsync("aa112233445566778899", _registered, Token, expiresIn: TimeSpan.FromSeconds(-1));

        var superseded = await _dashboard.UntilAsync(Page, text => text.Contains("Superseded: ", StringComparison.Ordinal), Token);
        var expired = await _dashboard.UntilAsync("/approvals/aa112233445566778899/1", text => text.Contains("The question has expired", StringComparison.Ordinal), Token);

        Assert.All([superseded, expired], page => Assert.DoesNotContain("/approve\"", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData($"/approvals/{Action}/0")]
    [InlineData($"/approvals/{Action}/1/approve")]
    [InlineData("/approvals/none/0")]
    public async Task The_page_of_a_question_that_is_not_stored_answers_404(string path)
    {
        await _dashboard.UntilAsync("/approvals", _ => true, Token);

        using var response = await _dashboard.Fixture.Service.Client.GetAsync(new Uri(path, UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("MLEvents.FromTheFuture", """{"attempt": "no number"}""", "SUCCESS")]
    [InlineData(EventTypes.ApprovalRequested, """{"actionId": "a"}""", "DROP")]
    [InlineData(EventTypes.ApprovalRequested, "null", "DROP")]
    public async Task Invalid_questions_go_to_the_dead_letters_and_unknown_types_are_skipped(string type, string data, string status)
    {
        _dashboard.Fixture.Service.Expected = log => log.Message.Contains("goes to the dead letters", StringComparison.Ordinal);
        using var delivery = new StringContent($$"""{"specversion": "1.0", "id": "a-1", "source": "/mlevents/x", "type": "{{type}}", "data": {{data}} }""", System.Text.Encoding.UTF8, "application/cloudevents+json");

        using var response = await _dashboard.Fixture.Service.Sidecar.PostAsync(new Uri("/topics/approvals", UriKind.Relative), delivery, Token);

        Assert.Contains($"\"{status}\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }
}
