using System.Globalization;

using Dapr.Client;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Approvals;
using MLEvents.Ledger.Waking;
using MLEvents.ServiceDefaults;
using MLEvents.State;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>A service with scripted work and its embedded sidecar. Further replicas share the sidecar and therefore its state store.</summary>
internal sealed class LedgerFixture : IAsyncDisposable
{
    private readonly List<RunningService> _replicas = [];

    private readonly SidecarCalls? _calls;

    private LedgerFixture(ScriptedWork work, SidecarCalls? calls)
    {
        (Work, _calls) = (work, calls);
        Fixture = new ServiceFixture("tester", configure => Create(configure, Settings()));
    }

    /// <summary>The clock of a service that was started with <see cref="SidecarCalls"/>.</summary>
    public ObservedTime Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>The clock that measures the time limit of each call to the sidecar, if the service was started with <see cref="SidecarCalls"/>.</summary>
    public FakeTimeProvider CallTime { get; } = new();

    public ScriptedWork Work { get; }

    public ScriptedRequests Requests { get; } = new();

    public ServiceFixture Fixture { get; }

    public IServiceProvider Services { get; private set; } = new ServiceCollection().BuildServiceProvider();

    public ActionRunner Runner => Services.GetRequiredService<ActionRunner>();

    public ActionWaker Waker => Services.GetRequiredService<ActionWaker>();

    public RecordStore Records => Services.GetRequiredService<RecordStore>();

    public ActivityPublisher Activity => Services.GetRequiredService<ActivityPublisher>();

    public FailedIndex Failed => Services.GetRequiredService<FailedIndex>();

    public PendingIndex Pending => Services.GetRequiredService<PendingIndex>();

    public static Task<LedgerFixture> StartAsync(Func<ActionRecord, int, StepResult> script, CancellationToken cancellationToken, params (string Key, string Value)[] settings) =>
        StartAsync(script, calls: null, cancellationToken, settings);

    /// <summary>
    /// Starts a service whose calls to the sidecar go through <paramref name="calls"/>. Its clock stands still, so that only the test causes calls.
    /// If <paramref name="calls"/> is null, the service uses the system clock and its own client.
    /// </summary>
    public static async Task<LedgerFixture> StartAsync(
        Func<ActionRecord, int, StepResult> script, SidecarCalls? calls, CancellationToken cancellationToken, params (string Key, string Value)[] settings)
    {
        var fixture = new LedgerFixture(new ScriptedWork(script), calls);
        foreach (var (key, value) in settings)
        {
            fixture.Fixture.Settings[key] = value;
        }

        await fixture.UseStoreOfTestAsync(cancellationToken);
        await fixture.Fixture.StartAsync(cancellationToken);
        await fixture.WaitForStoreAsync(cancellationToken);
        return fixture;
    }

    /// <summary>Starts another replica of the service, with the same work.</summary>
    public async Task<ActionRunner> AddReplicaAsync(CancellationToken cancellationToken)
    {
        var first = Services;
        _replicas.Add(await RunningService.StartAsync(configure => Create(configure, Settings()), [.. Fixture.Settings], cancellationToken));
        var replica = Runner;
        Services = first;
        return replica;
    }

    /// <summary>Waits until the record of the rule <c>r</c> for an event meets a condition, and returns it.</summary>
    public async Task<ActionRecord> RecordAsync(WorkflowEvent workflowEvent, Func<ActionRecord, bool> condition, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (!deadline.IsCancellationRequested)
        {
            var stored = await Records.FindAsync(ActionRecord.IdOf("tester", "r", workflowEvent), cancellationToken);
            if (stored is not null && condition(stored.Record))
            {
                return stored.Record;
            }

            await poll.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException("The record did not meet the condition in time.");
    }

    /// <summary>The time when a key expires in the store; null if it never expires.</summary>
    public async Task<DateTimeOffset?> ExpiryAsync(string key, CancellationToken cancellationToken)
    {
        using var http = SidecarTokens.CreateClient(SidecarTokens.Dapr);
        using var answer = await http.GetAsync(new Uri($"{Fixture.Settings["DAPR_HTTP_ENDPOINT"]}/v1.0/state/statestore/{key}"), cancellationToken);
        answer.EnsureSuccessStatusCode();
        return answer.Headers.TryGetValues("metadata.ttlExpireTime", out var values) ? DateTimeOffset.Parse(values.Single(), CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Waits until there is exactly one pending action and this action meets a condition. Returns the action.</summary>
    public async Task<IndexedAction> PendingAsync(Func<IndexedAction, bool> condition, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (true)
        {
            if (await Pending.ListAsync(deadline.Token) is [var only] && condition(only))
            {
                return only;
            }

            await poll.WaitForNextTickAsync(deadline.Token);
        }
    }

    private async Task UseStoreOfTestAsync(CancellationToken cancellationToken)
    {
        if (TestContext.Current.TestClassInstance is IUsesRedis { Redis: var redis })
        {
            Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
            await redis.StartAsync(cancellationToken);
            Fixture.Component("statestore", "state.redis", ("redisHost", redis.Host), ("redisDB", $"{redis.NextDatabase()}"));
        }
    }

    // If the reconciler reads the store before the sidecar listens, the gRPC channel of the service waits before it connects again. This method waits until the store answers.
    private async Task WaitForStoreAsync(CancellationToken cancellationToken)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (!await Services.GetRequiredService<DaprClient>().CheckOutboundHealthAsync(cancellationToken) || !await AnswersAsync(cancellationToken))
        {
            await poll.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Records.FindAsync("none", cancellationToken) is null;
        }
        catch (Dapr.DaprException)
        {
            // The store does not answer yet. The caller asks again.
            return false;
        }
    }

    public async ValueTask DisposeAsync() => await Disposal.DisposeAllAsync([.. _replicas, Fixture]);

    public static ActionRecord Record(string id) => new() { Id = id, Service = "tester", Rule = "r", CorrelationId = "", Event = default };

    public static PlannedAction Request(string? fault = null) => new("r", "v1", default, fault);

    private Dictionary<string, string?> Settings() => Fixture?.Settings ?? [];

    private WebApplication Create(Action<WebApplicationBuilder> configure, Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        configure(builder);
        if (_calls is not null)
        {
            builder.Services.AddSingleton<TimeProvider>(Time);
            builder.Services.AddSingleton(new CallTimeout(CallTime));
        }

        builder.AddServiceDefaults();
        if (_calls is not null)
        {
            builder.Services.AddSingleton(_calls.CreateClient(builder.Configuration["DAPR_GRPC_ENDPOINT"] ?? "", builder.Configuration["DAPR_HTTP_ENDPOINT"], builder.Configuration["DAPR_API_TOKEN"]));
        }

        builder.Services.AddLedgerCore("tester", planVersion: 1);
        builder.Services.AddSingleton<IPlanning>(new ScriptedPlanning(Work, Requests));
        var app = builder.Build();
        app.MapServiceDefaults();
        var operations = app.MapOperations();
        operations.MapActions();
        operations.MapApprovals();
        app.MapApprovalLinks();
        Services = app.Services;
        return app;
    }
}

/// <summary>The answers of the planning. The test sets them.</summary>
internal sealed class ScriptedRequests
{
    public IReadOnlyList<PlannedAction> Now { get; set; } = [];

    /// <summary>The limits in force. If null, the limits in each record are in force.</summary>
    public IReadOnlyList<Limit>? Limits { get; set; }

    /// <summary>The reason why actions that wait for an approval must end; null if they may wait.</summary>
    public string? Obstacle { get; set; }

    /// <summary>Whether the ledger asked the planning to cancel an action.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Cancels the run of an action. By default, an action has no run.</summary>
    public Func<ActionRecord, Task<CancelAnswer?>> OnCancel { get; set; } = _ => Task.FromResult<CancelAnswer?>(null);
}

/// <summary>Answers the calls of the ledger to the planning with the scripted requests and the scripted work.</summary>
internal sealed class ScriptedPlanning(ScriptedWork work, ScriptedRequests requests) : IPlanning
{
    public Task<IReadOnlyList<PlannedAction>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) => Task.FromResult(requests.Now);

    public string? FindWaitingAction(WorkflowEvent workflowEvent) => null;

    public IReadOnlyList<Limit> FindLimits(ActionRecord record) => requests.Limits ?? record.Limits ?? [];

    public Task<string?> FindObstacleAsync(ActionRecord record, CancellationToken cancellationToken) => Task.FromResult(requests.Obstacle);

    public IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record) => new Dictionary<string, string> { ["model"] = "churn:12" };

    public Task<CancelAnswer?> CancelAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        requests.IsCancelled = true;
        return requests.OnCancel(record);
    }

    public Task<StepResult> StepAsync(ActionRecord record, CancellationToken cancellationToken) => work.StepAsync(record, cancellationToken);
}

/// <summary>Answers each step with a script, and counts the steps.</summary>
internal sealed class ScriptedWork(Func<ActionRecord, int, StepResult> script)
{
    private int _steps;

    public int Steps => _steps;

    public ObservedItems<ActionRecord> Taken { get; } = new();

    /// <summary>Each gated step waits until this task is completed.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsGated { get; set; }

    /// <summary>The stage whose steps are gated. If null, all steps are gated.</summary>
    public string? GatedStage { get; set; }

    public async Task<StepResult> StepAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        var step = Interlocked.Increment(ref _steps);
        Taken.Add(record);
        if (IsGated && (GatedStage is null || GatedStage == record.Stage))
        {
            await Gate.Task.WaitAsync(cancellationToken);
        }

        return script(record, step);
    }
}
