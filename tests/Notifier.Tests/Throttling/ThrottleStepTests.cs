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

/// <summary>The steps of alerts with a limit, taken one by one and interrupted between steps, on the real state store.</summary>
public sealed class ThrottleStepTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly MailPlan Plan = Alerts.Mail with { Throttle = new(1, Hour, "") };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 18, 10, 0, TimeSpan.Zero));
    private readonly NotifierFixture _fixture;

    public ThrottleStepTests() => _fixture = new NotifierFixture("alerts: []", time: _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IActionExecutor<AlertPlan> Work => _fixture.Services.GetRequiredService<IActionExecutor<AlertPlan>>();

    private ThrottleStore Book => _fixture.Services.GetRequiredService<ThrottleStore>();

    public async ValueTask InitializeAsync() => await _fixture.StartAsync(Token);

    public async ValueTask DisposeAsync()
    {
        await _fixture.Fixture.StopServiceAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task The_period_is_in_the_record_before_a_place_is_taken()
    {
        var first = Record("a");

        var result = await Work.StepAsync(first, Token);

        var proceed = Assert.IsType<Continue>(result);
        Assert.Equal(("throttle", TimeSpan.Zero, "2026-11-01T18:00:00.0000000+00:00"), (proceed.Stage, proceed.After, proceed.State["period"]));
        Assert.Equal(ThrottleSlot.None, await Book.TakeAsync(Key(), 0, first.Id, Token));
    }

    [Fact]
    public async Task A_crash_between_the_place_and_the_mail_keeps_the_place_and_the_mail_says_so()
    {
        var (first, second) = (await PlacedAsync("a"), await PlacedAsync("b"));
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

        Assert.StartsWith("listed in digest ", Assert.IsType<Skipped>(other).Detail, StringComparison.Ordinal);
        Assert.StartsWith("mailed to 1 recipient; it may arrive twice", Assert.IsType<Succeeded>(again).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_after_an_event_was_summed_up_sums_it_up_once_even_when_the_digest_is_out()
    {
        await Work.StepAsync(await PlacedAsync("a"), Token);
        var summed = await PlacedAsync("b");

        var results = new[] { await Work.StepAsync(summed, Token), await Work.StepAsync(summed, Token) };
        await DigestIsOutAsync(results[0]);
        var late = await Work.StepAsync(summed, Token);
        var closed = await Book.CloseAsync(Key(), Token);

        Assert.All([.. results, late], result => Assert.Equal(results[0].Detail, Assert.IsType<Skipped>(result).Detail));
        Assert.Equal("b", Assert.Single(closed.Listed).Subject);
    }

    [Fact]
    public async Task A_crash_after_an_event_beyond_the_listed_was_counted_counts_it_once_even_when_the_digest_is_out()
    {
        await FillAsync(1 + ThrottleWindow.Listed);
        var counted = await PlacedAsync("more");

        await Work.StepAsync(counted, Token);
        await DigestIsOutAsync(await Work.StepAsync(counted, Token));
        var late = await Work.StepAsync(counted, Token);
        var closed = await Book.CloseAsync(Key(), Token);

        Assert.Equal((ThrottleWindow.Listed, 1), (closed.Listed.Count, closed.More));
        Assert.IsType<Skipped>(late);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1 + ThrottleWindow.Listed)]
    public async Task A_closed_period_accepts_no_event_and_a_late_event_joins_the_next_period(int before)
    {
        await FillAsync(before);
        var late = await PlacedAsync("late");
        var closed = await Book.CloseAsync(Key(), Token);

        var moved = Assert.IsType<Continue>(await Work.StepAsync(late, Token));
        var sent = await Work.StepAsync(With(late, moved), Token);

        Assert.Equal("2026-11-01T19:00:00.0000000+00:00", moved.State["period"]);
        Assert.Equal("mailed to 1 recipient", Assert.IsType<Succeeded>(sent).Detail);
        Assert.Equal(closed with { Listed = [] }, await Book.CloseAsync(Key(), Token) with { Listed = [] });
    }

    [Fact]
    public async Task One_that_comes_long_after_its_period_has_its_place_in_the_present_one()
    {
        var late = await PlacedAsync("late");
        await FillAsync(1);
        await Book.CloseAsync(Key(), Token);
        _time.Advance(5 * Hour);

        var moved = Assert.IsType<Continue>(await Work.StepAsync(late, Token));

        Assert.Equal("2026-11-01T23:00:00.0000000+00:00", moved.State["period"]);
    }

    [Fact]
    public async Task A_digest_that_nobody_was_added_to_before_its_maker_died_sends_nothing()
    {
        await FillAsync(1);
        var dying = await PlacedAsync("dying");
        var digest = await DigestAsync(dying);

        var nothing = await Work.StepAsync(digest, Token);
        var moved = await Work.StepAsync(dying, Token);

        Assert.Equal("the digest has no events", Assert.IsType<Skipped>(nothing).Detail);
        Assert.IsType<Continue>(moved);
    }

    [Fact]
    public async Task A_digest_whose_period_has_expired_fails_visibly()
    {
        var digest = await DigestAsync(await PlacedAsync("a"));

        Assert.Equal("the events of the digest have expired from the state store", Assert.IsType<Failed>(await Work.StepAsync(digest, Token)).Detail);
    }

    [Fact]
    public async Task A_digest_that_a_dead_process_may_have_sent_says_that_it_may_arrive_twice()
    {
        await FillAsync(2);
        var digest = await DigestAsync(await PlacedAsync("a")) with { Interrupted = true };

        Assert.Contains("; it may arrive twice: ", Assert.IsType<Succeeded>(await Work.StepAsync(digest, Token)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_state_store_nothing_is_sent_and_with_it_again_once()
    {
        var record = await PlacedAsync("a");
        await _fixture.Fixture.StopSidecarAsync();

        await Assert.ThrowsAsync<DaprException>(() => Work.StepAsync(record, Token));
        Assert.Empty(_fixture.Mail.Commands);
        await _fixture.Fixture.StartSidecarAsync(Token);
        await UntilTheStoreAnswersAsync();

        Assert.IsType<Succeeded>(await Work.StepAsync(record, Token));
    }

    [Fact]
    public async Task What_is_kept_of_a_period_expires_as_long_after_it_as_records_do()
    {
        await FillAsync(1);

        using var http = SidecarTokens.CreateClient(SidecarTokens.Dapr);
        using var answer = await http.GetAsync(new Uri($"{_fixture.Fixture.Settings["DAPR_HTTP_ENDPOINT"]}/v1.0/state/statestore/{Key().StoreKey}"), Token);

        // The store's clock decides: 90 days, and the remaining 50 minutes of the period.
        var expires = DateTimeOffset.Parse(answer.Headers.GetValues("metadata.ttlExpireTime").Single(), CultureInfo.InvariantCulture);
        Assert.InRange(expires - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(90), TimeSpan.FromDays(90) + Hour);
    }

    private static ThrottleKey Key() => new("tell", "", new(new DateTimeOffset(2026, 11, 1, 18, 0, 0, TimeSpan.Zero), Hour));

    private static ActionRecord Record(string subject)
    {
        var happened = SampleEvents.Create("RunCompleted", subject: subject, id: subject);
        return Alerts.Record(Plan) with { Id = ActionRecord.IdOf("notifier", "tell", happened), Event = happened.Envelope };
    }

    private static ActionRecord With(ActionRecord record, Continue proceed) => record with { Stage = proceed.Stage, State = proceed.State };

    // The state after the first step: the record contains the period.
    private async Task<ActionRecord> PlacedAsync(string subject)
    {
        var record = Record(subject);
        return With(record, Assert.IsType<Continue>(await Work.StepAsync(record, Token)));
    }

    private async Task FillAsync(int actions)
    {
        for (var number = 0; number < actions; number++)
        {
            await Work.StepAsync(await PlacedAsync($"filling-{number}"), Token);
        }
    }

    // The digest in the ledger, after it was requested.
    private async Task<ActionRecord> DigestAsync(ActionRecord cause)
    {
        var plan = new DigestPlan { Studio = Plan.Studio, To = Plan.To, From = Key().Period.Start, Throttle = Plan.Throttle ?? throw new InvalidOperationException() };
        var followUp = new FollowUp(Key().Digest, plan.ToJson(), Key().Period.End, "");
        await _fixture.Services.GetRequiredService<IFollowUps>().EnsureAsync(cause, followUp, Token);
        return cause with { Id = followUp.IdFor(cause), Plan = followUp.Plan, State = new Dictionary<string, string>(), Stage = "" };
    }

    // The reconciler runs this step when the period is over.
    private async Task DigestIsOutAsync(StepResult summedUp)
    {
        _time.Advance(2 * Hour);
        await _fixture.Fixture.Service.AskUntilAsync($"/actions/{summedUp.Detail?[^20..]}", action => action.GetProperty("status").GetString() == "succeeded", Token);
    }

    private async Task UntilTheStoreAnswersAsync()
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (true)
        {
            try
            {
                await Book.TakeAsync(Key(), 0, "0000000000000000000a", Token);
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
