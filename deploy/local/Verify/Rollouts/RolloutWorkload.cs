using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Verify.Rollouts;

/// <summary>Rolls out two versions of each model while processes are killed, and checks every change of the endpoints against the rules.</summary>
internal sealed class RolloutWorkload(WorkloadContext context) : IWorkload
{
    private const int RequestsPerMinute = 3_000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private readonly IReadOnlyList<RolloutCase> _cases = RolloutCase.Create(context.Options.Events);
    private readonly ConcurrentDictionary<(RolloutCase Case, int Version), RolloutAction> _actions = [];
    private long _begin;

    public int Events => _cases.Count * RolloutCase.Versions.Count;

    public int Deliveries => Events * 2;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (var one in _cases)
        {
            await context.Simulator.SimulateAsync("traffic", new JsonObject { ["endpoint"] = one.Model, ["requestsPerMinute"] = RequestsPerMinute }, cancellationToken);
            await context.Simulator.SimulateAsync("scoring", new JsonObject { ["target"] = one.Model, ["answer"] = new JsonArray(0.7), ["latency"] = "20ms" }, cancellationToken);
            if (one.Kind == RolloutKind.BadModel)
            {
                var failing = new JsonObject { ["target"] = $"{one.Model}:2", ["answer"] = new JsonArray(0.7), ["latency"] = "20ms", ["failureRate"] = 0.5, ["fromTraffic"] = 50 };
                await context.Simulator.SimulateAsync("scoring", failing, cancellationToken);
            }
        }
    }

    // The first roll-out of each model starts within the first half of the time, and the roll-out of its second version follows. Processes are therefore killed in every stage.
    public Task DeliverAsync(TimeSpan over, CancellationToken cancellationToken)
    {
        // The time limit of the roll-outs begins here, after the start of the processes.
        _begin = TimeProvider.System.GetTimestamp();
        return Task.WhenAll(_cases.Select((one, place) => RollOutAsync(one, over / 2 * place / _cases.Count, over + context.Options.SettleTimeout, cancellationToken)));
    }

    public async Task<IReadOnlyList<VerificationRow>> SettleAsync(CancellationToken cancellationToken)
    {
        await WorkloadContext.WaitForLateEffectsAsync(cancellationToken);
        var changes = await context.Simulator.EndpointChangesAsync(cancellationToken);
        var outcomes = _cases.Select(one => new RolloutOutcome(one, [.. RolloutCase.Versions.Select(version => ActionOf(one, version))], RolloutHistory.Read(one.Model, changes))).ToList();
        outcomes.Where(outcome => !outcome.Passed).ToList().ForEach(outcome => context.Report(outcome.Describe()));
        return RolloutRows.Create(outcomes);
    }

    private RolloutAction ActionOf(RolloutCase one, int version) => _actions.GetValueOrDefault((one, version)) ?? new("", "", "", "");

    private async Task RollOutAsync(RolloutCase one, TimeSpan after, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deployer = new DeployerClient(context.Environment.Deployer);
        await Task.Delay(after, TimeProvider.System, cancellationToken);
        foreach (var version in RolloutCase.Versions)
        {
            var number = version.ToString(CultureInfo.InvariantCulture);
            await context.Simulator.RegisterAsync(one.Model, number, cancellationToken);
            var registered = VerificationEvents.ModelRegistered(context.Options.Seed, one.Model, version);
            await context.DeliverTwiceAsync(registered, cancellationToken);
            var caused = new WorkflowEvent { Id = (string?)registered["id"] ?? "", Source = SimulatorClient.Workspace, Type = EventTypes.ModelRegistered };
            var action = await FollowAsync(deployer, ActionRecord.IdOf("deployer", one.Rule, caused), limit, cancellationToken);
            _actions[(one, version)] = action;
            context.Report($"{one.Model}:{number} {action.Status}");
        }
    }

    private async Task<RolloutAction> FollowAsync(DeployerClient deployer, string id, TimeSpan limit, CancellationToken cancellationToken)
    {
        var action = await deployer.ReadAsync(id, cancellationToken);
        while (!action.IsEnded && TimeProvider.System.GetElapsedTime(_begin) < limit)
        {
            context.RequireAlive();
            if (action.Stage == LedgerStages.AwaitingApproval)
            {
                await deployer.ApproveAsync(id, cancellationToken);
            }

            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken);
            action = await deployer.ReadAsync(id, cancellationToken);
        }

        return action;
    }
}
