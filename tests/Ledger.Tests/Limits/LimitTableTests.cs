using System.Globalization;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Events.Limits;
using MLEvents.Ledger.Limits;
using MLEvents.Ledger.Waking;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests.Limits;

/// <summary>The limits in memory, which <c>mlevents rules backtest</c> uses, make the same decisions about a history as the ledger with its state store.</summary>
public sealed class LimitTableTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Limit[] All =
    [
        new(LimitKind.Cooldown, "monitor", 1, TimeSpan.FromMinutes(20), WhenBusy.Skip),
        new(LimitKind.Budget, "churn", 3, TimeSpan.FromHours(2), WhenBusy.Wait),
        new(LimitKind.Concurrency, "Churn", 2, null, WhenBusy.Wait),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, WhenBusy, int> Histories()
    {
        var data = new TheoryData<int, WhenBusy, int>();
        foreach (var seed in Enumerable.Range(1, 9))
        {
            data.Add(seed, (WhenBusy)(seed % 3), 1 + (seed % 2 * 2));
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task The_limits_in_memory_make_the_decisions_of_the_ledger(int seed, WhenBusy whenBusy, int count)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var (random, time, table) = (new Random(seed), new FakeTimeProvider(Start), new LimitTable());
        var (store, services) = (fixture.Services.GetRequiredService<LimitStore>(), fixture.Services);
        var ledger = new LimitClaims(store, services.GetRequiredService<EndedHolderFinder>(), services.GetRequiredService<ActionWaker>(), time);
        Limit[] limits = [.. All.TakeLast(count).Select(limit => limit with { WhenBusy = limit.Kind == LimitKind.Cooldown ? limit.WhenBusy : whenBusy })];
        string[] documents = [.. limits.Select(store.NameOf)];
        var (waiting, started, decisions) = (new List<LimitRequest>(), new List<LimitRequest>(), new List<LimitDecision>());

        for (var turn = 0; turn < 40; turn++)
        {
            time.Advance(TimeSpan.FromMinutes(random.Next(0, 15)));
            if (random.Next(3) == 0 && started.Count > 0)
            {
                var ended = started[random.Next(started.Count)];
                started.Remove(ended);
                await EndAsync(ended);
            }
            else
            {
                var applicant = random.Next(2) == 0 && waiting.Count > 0 ? waiting[random.Next(waiting.Count)] : await NewAsync(turn);
                await AskAsync(applicant, turn);
            }
        }

        Assert.Contains(decisions, decision => decision is LimitDecision.Admitted);
        Assert.Contains(decisions, decision => decision is not LimitDecision.Admitted);

        async Task AskAsync(LimitRequest applicant, int turn)
        {
            var (expected, by) = await ledger.AskAsync(applicant, limits, documents, Token);
            var (decision, blocking, _) = table.Ask(applicant, limits, time.GetUtcNow());
            Assert.Equal((turn, Text(expected), by), (turn, Text(decision), blocking));
            decisions.Add(decision);
            waiting.Remove(applicant);
            (decision is LimitDecision.Wait ? waiting : decision is LimitDecision.Admitted ? started : []).Add(applicant);
            if (decision is LimitDecision.Skip)
            {
                await EndAsync(applicant);
            }
        }

        async Task EndAsync(LimitRequest applicant)
        {
            foreach (var document in documents)
            {
                await ledger.ReleaseAsync(document, applicant.Holder, LimitStore.IsHeldUntilEnd(document), Token);
            }

            table.End(applicant.Holder);
        }

        // The lease prevents the reconciler from running the action. The record must exist and must not be finished; otherwise the ledger would remove the action from its limits.
        async Task<LimitRequest> NewAsync(int number)
        {
            var workflowEvent = SampleEvents.Create("RunCompleted", id: $"e-{number:d2}");
            var record = LedgerFixture.Request().ToRecord("tester", workflowEvent, Start) with { LeaseOwner = "test", LeaseUntil = DateTimeOffset.MaxValue };
            await fixture.Records.TryCreateAsync(record, Token);
            return new(record.RemoteId, "r", Start.AddMinutes(number * 7 % 11), [workflowEvent.Id]);
        }
    }

    /// <summary>The process of an action ended after the decision and before it wrote the record. The action asks again after its lease expired.</summary>
    [Fact]
    public async Task A_coalesced_action_is_skipped_each_time_that_it_asks_before_its_record_ends()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var (services, time) = (fixture.Services, new FakeTimeProvider(Start));
        var store = services.GetRequiredService<LimitStore>();
        var ledger = new LimitClaims(store, services.GetRequiredService<EndedHolderFinder>(), services.GetRequiredService<ActionWaker>(), time);
        Limit[] limits = [All[2] with { Max = 1, WhenBusy = WhenBusy.Coalesce }, All[1] with { WhenBusy = WhenBusy.Coalesce }];
        string[] documents = [.. limits.Select(store.NameOf)];
        var (decisions, holders) = (new List<LimitDecision>(), new List<string>());

        foreach (var number in new[] { 1, 2, 3, 2, 3, 2, 2 })
        {
            var id = $"e-{number}";
            var workflowEvent = SampleEvents.Create("RunCompleted", id: id);
            var record = LedgerFixture.Request().ToRecord("tester", workflowEvent, Start) with { LeaseOwner = "test", LeaseUntil = DateTimeOffset.MaxValue };
            await fixture.Records.TryCreateAsync(record, Token);
            decisions.Add((await ledger.AskAsync(new(record.RemoteId, "r", Start.AddMinutes(number), [id]), limits, documents, Token)).Decision);
            holders.Add(record.RemoteId);
            if (decisions.Count == 4)
            {
                // The first action ends, so that the third is admitted.
                await ledger.ReleaseAsync(documents[0], holders[0], forgetUse: true, Token);
            }
        }

        Assert.IsType<LimitDecision.Admitted>(decisions[0]);
        Assert.IsType<LimitDecision.Skip>(decisions[3]);
        Assert.Equal(["e-2", "e-3"], Assert.IsType<LimitDecision.Admitted>(decisions[4]).Events.Order());
        Assert.All(decisions[5..], decision => Assert.IsType<LimitDecision.Skip>(decision));
    }

    private static string Text(LimitDecision decision) => decision switch
    {
        LimitDecision.Admitted admitted => $"admitted for {string.Join(' ', admitted.Events)}",
        LimitDecision.Wait wait => string.Create(CultureInfo.InvariantCulture, $"waits: {wait.Reason} until {wait.Until:O} for {string.Join(' ', wait.Events)}"),
        LimitDecision.Skip skip => string.Create(CultureInfo.InvariantCulture, $"skipped: {skip.Reason} until {skip.Until:O} {skip.IsCoalesced}"),
        _ => "",
    };
}
