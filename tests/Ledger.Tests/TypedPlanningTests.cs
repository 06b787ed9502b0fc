using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public sealed class TypedPlanningTests
{
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_planner_gets_the_id_of_the_action_and_the_executor_gets_the_plan_back()
    {
        var planning = Create(new Greeter(fault: null), version: 2);

        var action = Assert.Single(await planning.PlanAsync(Event, Token));
        var record = action.ToRecord("tester", Event, DateTimeOffset.UnixEpoch);
        var result = await planning.StepAsync(record, Token);

        Assert.Equal((2, 2, null), (action.PlanVersion, record.PlanVersion, action.Fault));
        Assert.Equal($"hello {record.Id}", Assert.IsType<Succeeded>(result).Detail);
    }

    [Fact]
    public async Task An_action_with_a_fault_has_no_plan()
    {
        var action = Assert.Single(await Create(new Greeter("no such variable")).PlanAsync(Event, Token));

        Assert.Equal(("no such variable", JsonValueKind.Undefined), (action.Fault, action.Plan.ValueKind));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("{}")]
    public async Task An_action_whose_plan_cannot_be_read_fails_at_once_and_says_what_to_do(string plan)
    {
        using var json = JsonDocument.Parse(plan);

        var result = await Create(new Greeter(fault: null)).StepAsync(LedgerFixture.Record("0123456789abcdef0123") with { Plan = json.RootElement.Clone() }, Token);

        var detail = Assert.IsType<Failed>(result).Detail;
        Assert.StartsWith("The stored plan of action 0123456789abcdef0123 cannot be read as Greeting: ", detail, StringComparison.Ordinal);
        Assert.EndsWith("Replay the event with force to create a new plan.", detail, StringComparison.Ordinal);
    }

    private static TypedPlanning<Greeting> Create(Greeter greeter, int version = 1) => new(new LedgerService("tester"), greeter, greeter, new(GreetingJson.Default.Greeting, version));

    private sealed class Greeter(string? fault) : IActionPlanner<Greeting>, IActionExecutor<Greeting>
    {
        public Task<IReadOnlyList<ActionRequest<Greeting>>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ActionRequest<Greeting>>>([new("r", "v1", null, id => fault is null ? new(new Greeting { Text = $"hello {id}" }, null) : new(null, fault))]);

        public Task<StepResult> StepAsync(ActionRecord record, Greeting plan, CancellationToken cancellationToken) =>
            Task.FromResult<StepResult>(new Succeeded { Detail = plan.Text });
    }
}

internal sealed record Greeting
{
    public required string Text { get; init; }
}

[JsonSerializable(typeof(Greeting))]
internal sealed partial class GreetingJson : JsonSerializerContext;
