using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Cli.Rules.Flow;

/// <summary>
/// Simulates <c>once</c>, limits and throttles of rules for past events. The times of the events are its clock. Limits are evaluated with the same code as in the ledger.
/// Approvals, failures and the states of alerts are not simulated, and each run takes the assumed time.
/// </summary>
/// <param name="rules">The rules.</param>
/// <param name="assumed">The assumed duration of a run.</param>
internal sealed class FlowSimulation(IReadOnlyList<ServiceRule> rules, TimeSpan assumed)
{
    private readonly Dictionary<(string Service, string Rule), FlowCount> _counts = rules
        .Where(HasFlow)
        .DistinctBy(rule => (rule.Service, rule.Rule.Name))
        .ToDictionary(rule => (rule.Service, rule.Rule.Name), rule => new FlowCount($"{rule.Service}/{rule.Rule.Name}"));

    private readonly HashSet<(string Service, string Rule, string Key)> _seen = [];
    private readonly Dictionary<string, LimitTable> _tables = [];
    private readonly Dictionary<string, FlowAction> _waiting = [];
    private readonly PriorityQueue<(bool IsEnd, FlowAction Action), (DateTimeOffset At, long Order)> _due = new();
    private readonly ThrottlePeriods _throttles = new();
    private DateTimeOffset _now;
    private long _order;

    /// <summary>The counts of the rules that have <c>once</c>, limits or a throttle, in the order of the rules.</summary>
    public IReadOnlyCollection<FlowCount> Counts => _counts.Values;

    /// <summary>The assumed duration of a run.</summary>
    public TimeSpan AssumedDuration => assumed;

    /// <summary>Simulates a rule that fires for an event. The clock does not go back: an event that is older than the previous event happens at the time of the previous event.</summary>
    public void Add(ServiceRule rule, WorkflowEvent workflowEvent)
    {
        if (!_counts.TryGetValue((rule.Service, rule.Rule.Name), out var count))
        {
            return;
        }

        Advance(workflowEvent.Time ?? _now);
        if (!_seen.Add((rule.Service, rule.Rule.Name, KeyOf(rule.Rule, workflowEvent))))
        {
            count.Repeats++;
        }
        else if (rule.Rule is AlertRule alert)
        {
            Send(alert, workflowEvent, count);
        }
        else
        {
            Accept(rule, workflowEvent, count);
        }
    }

    /// <summary>Simulates the actions that still wait after the last event.</summary>
    public void Finish() => Advance(DateTimeOffset.MaxValue);

    private static bool HasFlow(ServiceRule rule) => rule.Rule switch
    {
        AlertRule alert => alert.Send.Throttle is not null || alert.Once != DeduplicationKeySelector.Event,
        _ => LimitsOf(rule.Rule).Count > 0 || rule.Rule.Once != DeduplicationKeySelector.Event,
    };

    private static IReadOnlyList<RunLimit> LimitsOf(Rule rule) => rule switch
    {
        RetrainingRule retraining => retraining.Limits,
        DeploymentRule deployment => deployment.Limits,
        _ => [],
    };

    private static string KeyOf(Rule rule, WorkflowEvent workflowEvent) =>
        rule.DeduplicationKeyOf(workflowEvent) is { } key ? $"{ArmId.Normalize(workflowEvent.Source)}\n\n{key}" : $"{ArmId.Normalize(workflowEvent.Source)}\n{workflowEvent.Id}";

    private void Send(AlertRule alert, WorkflowEvent workflowEvent, FlowCount count)
    {
        if (alert.Send.Throttle is not null && !_throttles.Take(alert, workflowEvent, _now))
        {
            count.Digested++;
        }
        else
        {
            count.Starts++;
        }
    }

    private void Accept(ServiceRule rule, WorkflowEvent workflowEvent, FlowCount count)
    {
        if (RunLimitKeys.Create(rule.Rule, LimitsOf(rule.Rule), workflowEvent).Plan is not { } limits)
        {
            count.Faults++;
            return;
        }

        var applicant = new LimitRequest($"{_order++}", rule.Rule.Name, workflowEvent.Time ?? _now, [workflowEvent.Id]);
        Ask(new FlowAction(rule.Service, applicant, limits, count, _now));
    }

    private void Advance(DateTimeOffset to)
    {
        while (_due.TryPeek(out var due, out var when) && when.At <= to)
        {
            _due.Dequeue();
            _now = when.At > _now ? when.At : _now;
            if (due.IsEnd)
            {
                Wake(TableOf(due.Action).End(due.Action.LimitRequest.Holder));
            }
            else if (_waiting.ContainsKey(due.Action.LimitRequest.Holder))
            {
                Ask(due.Action);
            }
        }

        _now = to > _now && to < DateTimeOffset.MaxValue ? to : _now;
    }

    private void Wake(IEnumerable<string> holders)
    {
        foreach (var holder in holders)
        {
            if (_waiting.TryGetValue(holder, out var action))
            {
                Ask(action);
            }
        }
    }

    private void Ask(FlowAction action)
    {
        var (decision, by, woken) = TableOf(action).Ask(action.LimitRequest, action.Limits, _now);
        switch (decision)
        {
            case LimitDecision.Wait wait:
                _waiting[action.LimitRequest.Holder] = action;
                Schedule(isEnd: false, action, wait.Until);
                break;
            case LimitDecision.Skip skip:
                End(action, skip, by);
                break;
            default:
                Start(action);
                break;
        }

        Wake(woken.Where(holder => holder != action.LimitRequest.Holder));
    }

    private void Start(FlowAction action)
    {
        var (count, waited) = (action.Count, _waiting.Remove(action.LimitRequest.Holder));
        count.Starts++;
        count.Waited += waited ? 1 : 0;
        count.LongestWait = _now - action.AcceptedAt > count.LongestWait ? _now - action.AcceptedAt : count.LongestWait;
        Schedule(isEnd: true, action, _now + assumed);
    }

    private void End(FlowAction action, LimitDecision.Skip skip, Limit? by)
    {
        _waiting.Remove(action.LimitRequest.Holder);
        if (skip.IsCoalesced || by is null)
        {
            action.Count.Coalesced++;
        }
        else
        {
            action.Count.Skip(by.Kind);
        }

        Wake(TableOf(action).End(action.LimitRequest.Holder));
    }

    private void Schedule(bool isEnd, FlowAction action, DateTimeOffset? at)
    {
        if (at is { } moment)
        {
            _due.Enqueue((isEnd, action), (moment, _order++));
        }
    }

    private LimitTable TableOf(FlowAction action)
    {
        if (!_tables.TryGetValue(action.Service, out var table))
        {
            _tables[action.Service] = table = new();
        }

        return table;
    }
}

/// <summary>An action that asks its limits whether it may start.</summary>
/// <param name="Service">The service.</param>
/// <param name="LimitRequest">The action's request to the limits, as in the ledger.</param>
/// <param name="Limits">The limits, with their keys rendered for the event.</param>
/// <param name="Count">The counts of the rule.</param>
/// <param name="AcceptedAt">The simulated time at which the event arrived.</param>
internal sealed record FlowAction(string Service, LimitRequest LimitRequest, IReadOnlyList<Limit> Limits, FlowCount Count, DateTimeOffset AcceptedAt);
