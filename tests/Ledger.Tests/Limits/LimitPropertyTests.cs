using MLEvents.Events.Limits;

namespace MLEvents.Ledger.Tests.Limits;

/// <summary>Checks the properties of a limit in random sequences of operations. The same seed gives the same sequence.</summary>
public sealed class LimitPropertyTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<int, WhenBusy> Seeds()
    {
        var data = new TheoryData<int, WhenBusy>();
        foreach (var seed in Enumerable.Range(1, 40))
        {
            data.Add(seed, (WhenBusy)(seed % 3));
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_limit_is_never_exceeded_and_each_event_is_acted_on_or_skipped(int seed, WhenBusy whenBusy)
    {
        var random = new Random(seed);
        var limit = new Limit(LimitKind.Concurrency, "k", random.Next(1, 4), null, whenBusy);
        var (state, open, skipped, acted) = (new LimitState(), new HashSet<int>(), new HashSet<int>(), new HashSet<string>());
        var next = 0;
        for (var turn = 0; turn < 400; turn++)
        {
            switch (random.Next(3))
            {
                case 0 when state.Uses.Count > 0:
                    state = state.Without(state.Uses.Keys.ElementAt(random.Next(state.Uses.Count)), forgetUse: true);
                    continue;
                case 1 when open.Count > 0:
                    Ask(open.ElementAt(random.Next(open.Count)));
                    continue;
                default:
                    open.Add(next);
                    Ask(next++);
                    continue;
            }
        }

        while (open.Count > 0 || state.Uses.Count > 0)
        {
            state = state.Uses.Keys.Aggregate(state, (current, holder) => current.Without(holder, forgetUse: true));
            open.ToList().ForEach(Ask);
        }

        Assert.Equal(Enumerable.Range(0, next).Select(number => $"e{number}").Order(), acted.Union(whenBusy == WhenBusy.Skip ? skipped.Select(number => $"e{number}") : []).Order());
        Assert.Empty(state.Queue);

        void Ask(int number)
        {
            (state, var decision) = state.Decide(new($"{number}", "r", Start.AddSeconds(number * 7 % 11), [$"e{number}"]), limit, Start);
            Assert.InRange(state.Uses.Count, 0, limit.Max);
            Assert.True(whenBusy != WhenBusy.Coalesce || state.Queue.Count <= 1, "More than one action waits.");
            if (decision is not LimitDecision.Wait)
            {
                open.Remove(number);
            }

            if (decision is LimitDecision.Skip)
            {
                skipped.Add(number);
                state = state.Without($"{number}", forgetUse: false);
            }

            acted.UnionWith(decision is LimitDecision.Admitted admitted ? admitted.Events : []);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_period_has_more_starts_than_the_budget_allows(int seed, WhenBusy whenBusy)
    {
        var random = new Random(seed);
        var limit = new Limit(LimitKind.Budget, "k", random.Next(1, 5), TimeSpan.FromMinutes(random.Next(1, 30)), whenBusy);
        var (state, now, starts) = (new LimitState(), Start, new Dictionary<string, DateTimeOffset>());
        for (var turn = 0; turn < 500; turn++)
        {
            now = now.AddSeconds(random.Next(0, 120));
            var action = $"{random.Next(turn + 1)}";
            (state, var decision) = state.Decide(new(action, "r", now, [action]), limit, now);
            if (decision is LimitDecision.Admitted && (!starts.TryGetValue(action, out var before) || now - before >= limit.Period))
            {
                starts[action] = now;
            }

            Assert.InRange(starts.Values.Count(start => now - start < limit.Period), 0, limit.Max);
        }
    }
}
