using System.Globalization;

using Dapr;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Ledger;
using MLEvents.Notifier.Throttling;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests.Throttling;

/// <summary>Tests the steps of throttled alerts with the real state store. Each test executes the steps one by one, and can interrupt an action between two steps.</summary>
public sealed class ThrottleStepTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly MailPlan Plan = Alerts.Mail with { Throttle = new(1, Hour, "") };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 18, 10, 0, TimeSpan.Zero));
    private readonly NotifierFixture _fixture;

    public ThrottleStepTests() => _fixture = new NotifierFixture("alerts: []", time: _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IActionExecutor<AlertPlan> Work => _fixture.Services.GetRequiredService<IActionExecutor<AlertPlan>>();

    private ThrottleStore Store => _fixture.Services.GetRequiredService<ThrottleStore>();

    public async ValueTask InitializeAsync() => await _fixture.StartAsync(Token);

    public async ValueTask DisposeAsync()
    {
        await _fixture.Fixture.StopServiceAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task The_period_is_in_the_record_before_a_slot_is_taken()
    {
        var first = Record("a");

        var result = await Work.StepAsync(first, Token);

        var next = Assert.IsType<Continue>(result);
        Assert.Equal(("throttle", TimeSpan.Zero, "2026-11-01T18:00:00.0000000+00:00"), (next.Stage, next.After, next.State["period"]));
        Assert.Equal(ThrottleSlot.None, await Store.TakeAsync(Key(), 0, first.Id, Token));
    }

    [Fact]
    public async Task After_a_crash_between_the_slot_and_the_mail_the_action_keeps_its_slot_and_reports_a_possible_duplicate()
    {
        var (first, second) = (await WithPeriodAsync("a"), await WithPeriodAsync("b"));
        using var crash = new CancellationTokenSource();
        _fixture.Mail.Answer = line =>
        {
            crash.Cancel();
            return "";
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Work.StepAsync(first, crash.Token));
        _fixture.Mail.Answer = _ => null;

        var other = await Work.StepAsync(second, Token);
        _time.Advance(2 * Hour);
        var again = await Work.StepAsync(first with { Interrupted = true }, Token);

        Assert.StartsWith("included in digest ", Assert.IsType<Skipped>(other).Detail, StringComparison.Ordinal);
        Assert.StartsWith("mailed to 1 recipient; it may arrive twice", Assert.IsType<Succeeded>(again).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_repeated_after_a_crash_lists_its_event_once_even_after_the_digest_was_sent()
    {
        await Work.StepAsync(await WithPeriodAsync("a"), Token);
        var listed = await WithPeriodAsync("b");

        var results = new[] { await Work.StepAsync(listed, Token), await Work.StepAsync(listed, Token) };
        await DigestIsSentAsync(results[0]);
        var late = await Work.StepAsync(listed, Token);
        var closed = await Store.CloseAsync(Key(), Token);

        Assert.All([.. results, late], result => Assert.Equal(results[0].Detail, Assert.IsType<Skipped>(result).Detail));
        Assert.Equal("b", Assert.Single(closed.Listed).Subject);
    }

    [Fact]
    public async Task A_step_repeated_after_a_crash_counts_its_event_once_even_after_the_digest_was_sent()
    {
        await FillAsync(1 + ThrottleWindow.Listed);
        var counted = await WithPeriodAsync("more");

        await Work.StepAsync(counted, Token);
        await DigestIsSentAsync(await Work.StepAsync(counted, Token));
        var late = await Work.StepAsync(counted, Token);
        var closed = await Store.CloseAsync(Key(), Token);

        Assert.Equal((ThrottleWindow.Listed, 1), (closed.Listed.Count, closed.More));
        Assert.IsType<Skipped>(late);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1 + ThrottleWindow.Listed)]
    public async Task A_closed_period_accepts_no_event_and_a_late_event_joins_the_next_period(int before)
    {
        await FillAsync(before);
        var late = await WithPeriodAsync("late");
        var closed = await Store.CloseAsync(Key(), Token);

        var moved = Assert.IsType<Continue>(await Work.StepAsync(late, Token));
        var sent = await Work.StepAsync(With(late, moved), Token);

        Assert.Equal("2026-11-01T19:00:00.0000000+00:00", moved.State["period"]);
        Assert.Equal("mailed to 1 recipient", Assert.IsType<Succeeded>(sent).Detail);
        Assert.Equal(closed with { Listed = [] }, await Store.CloseAsync(Key(), Token) with { Listed = [] });
    }

    [Fact]
    public async Task An_event_that_is_handled_long_after_its_period_gets_a_slot_in_the_current_period()
    {
        var late = await WithPeriodAsync("late");
        await FillAsync(1);
        await Store.CloseAsync(Key(), Token);
        _time.Advance(5 * Hour);

        var moved = Assert.IsType<Continue>(await Work.StepAsync(late, Token));

        Assert.Equal("2026-11-01T23:00:00.0000000+00:00", moved.State["period"]);
    }

    [Fact]
    public async Task A_digest_without_events_sends_nothing()
    {
        await FillAsync(1);
        var interrupted = await WithPeriodAsync("interrupted");
        var digest = await DigestAsync(interrupted);

        var empty = await Work.StepAsync(digest, Token);
        var moved = await Work.StepAsync(interrupted, Token);

        Assert.Equal("the digest has no events", Assert.IsType<Skipped>(empty).Detail);
        Assert.IsType<Continue>(moved);
    }

    [Fact]
    public async Task A_digest_fails_visibly_if_the_stored_events_of_its_period_have_expired()
    {
        var digest = await DigestAsync(await WithPeriodAsync("a"));

        Assert.Equal("the events of the digest have expired from the state store", Assert.IsType<Failed>(await Work.StepAsync(digest, Token)).Detail);
    }

    [Fact]
    public async Task A_digest_that_an_ended_process_may_have_sent_is_reported_as_possibly_delivered_twice()
    {
        await FillAsync(2);
        var digest = await DigestAsync(await WithPeriodAsync("a")) with { Interrupted = true };

        Assert.Contains("; it may arrive twice: ", Assert.IsType<Succeeded>(await Work.StepAsync(digest, Token)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sent_while_the_state_store_is_unavailable_and_the_mail_is_sent_once_afterwards()
    {
        var record = await WithPeriodAsync("a");
        await _fixture.Fixture.StopSidecarAsync();

        await Assert.ThrowsAsync<DaprException>(() => Work.StepAsync(record, Token));
        Assert.Empty(_fixture.Mail.Commands);
        await _fixture.Fixture.StartSidecarAsync(Token);
        await UntilTheStoreAnswersAsync();

        Assert.IsType<Succeeded>(await Work.StepAsync(record, Token));
    }

    [Fact]
    public async Task The_documents_of_a_period_expire_after_the_retention_of_the_records()
    {
        await FillAsync(1);

        using var http = SidecarTokens.CreateClient(SidecarTokens.Dapr);
        using var answer = await http.GetAsync(new Uri($"{_fixture.Fixture.Settings["DAPR_HTTP_ENDPOINT"]}/v1.0/state/statestore/{Key().StoreKey}"), Token);

        // The store uses its own clock. The document expires after 90 days plus the 50 minutes that remain of the period.
        var expires = DateTimeOffset.Parse(answer.Headers.GetValues("metadata.ttlExpireTime").Single(), CultureInfo.InvariantCulture);
        Assert.InRange(expires - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(90), TimeSpan.FromDays(90) + Hour);
    }

    private static ThrottleKey Key() => new("tell", "", new(new DateTimeOffset(2026, 11, 1, 18, 0, 0, TimeSpan.Zero), Hour));

    private static ActionRecord Record(string subject)
    {
        var happened = SampleEvents.Create("RunCompleted", subject: subject, id: subject);
        return Alerts.Record(Plan) with { Id = ActionRecord.IdOf("notifier", "tell", happened), Event = happened.Envelope };
    }

    private static ActionRecord With(ActionRecord record, Continue next) => record with { Stage = next.Stage, State = next.State };

    // Returns the record after the first step, which stores the period in the record.
    private async Task<ActionRecord> WithPeriodAsync(string subject)
    {
        var record = Record(subject);
        return With(record, Assert.IsType<Continue>(await Work.StepAsync(record, Token)));
    }

    private async Task FillAsync(int actions)
    {
        for (var number = 0; number < actions; number++)
        {
            await Work.StepAsync(await WithPeriodAsync($"filling-{number}"), Token);
        }
    }

    // Requests the digest as a follow-up, and returns its record.
    private async Task<ActionRecord> DigestAsync(ActionRecord cause)
    {
        var plan = new DigestPlan { Studio = Plan.Studio, To = Plan.To, From = Key().Period.Start, Throttle = Plan.Throttle ?? throw new InvalidOperationException() };
        var followUp = new FollowUp(Key().Digest, plan.ToJson(), Key().Period.End, "");
        await _fixture.Services.GetRequiredService<IFollowUps>().EnsureAsync(cause, followUp, Token);
        return cause with { Id = followUp.IdFor(cause), Plan = followUp.Plan, State = new Dictionary<string, string>(), Stage = "" };
    }

    // Advances the clock beyond the end of the period, and waits until the reconciler has sent the digest.
    private async Task DigestIsSentAsync(StepResult listed)
    {
        _time.Advance(2 * Hour);
        await _fixture.Fixture.Service.AskUntilAsync($"/actions/{listed.Detail?[^20..]}", action => action.GetProperty("status").GetString() == "succeeded", Token);
    }

    private async Task UntilTheStoreAnswersAsync()
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (true)
        {
            try
            {
                await Store.TakeAsync(Key(), 0, "0000000000000000000a", Token);
                return;
            }
            catch (DaprException)
            {
                // The store does not answer yet. The loop asks again.
                await poll.WaitForNextTickAsync(Token);
            }
        }
    }
}
