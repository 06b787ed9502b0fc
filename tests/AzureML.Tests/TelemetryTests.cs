using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;
using MLEvents.Tests.Common;

using Polly;
using Polly.CircuitBreaker;

namespace MLEvents.AzureML.Tests;

public sealed class TelemetryTests
{
    private static readonly string CreateRun = $"{AzureClient.Pipeline}/createRun";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retries_are_counted_by_dependency_and_operation()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", CreateRun, FakeAnswer.Error(429, "TooManyRequests", "No.", ("Retry-After", "0")), new FakeAnswer(200, """{ "runId": "r1" }"""));
        using var azure = AzureClient.For(arm, null, ("DataFactory:MaxRetries", "9"));
        using var events = new PollyEvents();

        await azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token);

        Assert.Contains(events.Seen, tags => tags["event.name"] is "OnRetry" && tags["pipeline.name"] is "dataFactory" && tags["operation.key"] is "Pipelines_CreateRun");
    }

    [Fact]
    public async Task A_failing_dependency_makes_the_health_degraded_and_logs_no_error()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", CreateRun, FakeAnswer.Error(500, "InternalServerError"));
        using var azure = AzureClient.For(arm, null, ("DataFactory:MinimumThroughput", "2"));

        var before = (await azure.Health.CheckHealthAsync(Token)).Entries["azure"];
        for (var call = 0; call < 3; call++)
        {
            await Assert.ThrowsAsync<AzureException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token));
        }

        var health = (await azure.Health.CheckHealthAsync(Token)).Entries["azure"];
        Assert.Equal((HealthStatus.Healthy, HealthStatus.Degraded), (before.Status, health.Status));
        Assert.Contains("the circuit of dataFactory is open", health.Description, StringComparison.Ordinal);
        Assert.Contains(azure.Logs, log => log.Message.Contains(AzureException.CircuitOpenCode, StringComparison.Ordinal));
        Assert.DoesNotContain(azure.Logs, log => log.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task The_health_describes_a_circuit_as_half_open_while_the_first_call_after_the_break_runs()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var circuits = new AzureCircuits(services.GetRequiredService<IMeterFactory>());
        var check = new AzureCircuitHealthCheck(circuits);
        var (time, settings) = (new ObservedTime(), new CircuitBreakerStrategyOptions { StateProvider = circuits.For(AzureDependency.Arm), MinimumThroughput = 2 });
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(settings).Build();
        for (var call = 0; call < 2; call++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => pipeline.ExecuteAsync(_ => ValueTask.FromException(new InvalidOperationException("down")), Token).AsTask());
        }

        var open = await check.CheckHealthAsync(new HealthCheckContext(), Token);
        time.Advance(settings.BreakDuration);
        var halfOpen = await pipeline.ExecuteAsync(async token => await check.CheckHealthAsync(new HealthCheckContext(), token), Token);

        Assert.Equal("actions wait: the circuit of arm is open; after 'BreakDuration', the next successful call closes the circuit", open.Description);
        Assert.Equal("actions wait: the circuit of arm is half open; after 'BreakDuration', the next successful call closes the circuit", halfOpen.Description);
    }

    [Fact]
    public async Task Results_and_error_bodies_are_never_logged()
    {
        const string Canary = "canary-7f3a";
        await using var arm = await FakeArm.StartAsync();
        var deployment = $"{AzureClient.Workspace}/onlineEndpoints/churn/deployments/blue";
        arm.On("POST", $"{deployment}/getLogs", new FakeAnswer(200, $$"""{ "content": "{{Canary}}" }"""));
        arm.On("POST", CreateRun, FakeAnswer.Error(500, "InternalServerError", Canary));
        using var azure = AzureClient.For(arm);

        Assert.Equal(Canary, await azure.Deployments.GetLogsAsync(AzureClient.Workspace, "churn", "blue", DeploymentContainer.InferenceServer, 5, Token));
        await Assert.ThrowsAsync<AzureException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token));

        Assert.NotEmpty(azure.Logs);
        Assert.All(azure.Logs, log => Assert.DoesNotContain(Canary, $"{log.Message} {log.Exception} {string.Join(' ', log.StructuredState ?? [])}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_state_of_the_circuit_is_measured_by_dependency()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", CreateRun, FakeAnswer.Error(500, "InternalServerError"), FakeAnswer.Error(500, "InternalServerError"), new FakeAnswer(200, """{ "runId": "r1" }"""));
        var time = new ObservedTime();
        using var azure = AzureClient.For(arm, time, ("DataFactory:MinimumThroughput", "2"));
        using var circuit = new MetricCollector<int>(azure.Meters, AzureCircuits.MeterName, "mlevents.azure.circuit");
        Assert.NotNull(azure.Jobs);

        await Assert.ThrowsAsync<AzureException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token));
        Assert.Equal(["arm 0", "dataFactory 0"], States(circuit));

        await Assert.ThrowsAsync<AzureException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token));
        Assert.Equal(["arm 0", "dataFactory 2"], States(circuit));

        time.Advance(new AzureResilienceOptions().BreakDuration);
        await azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token);
        Assert.Equal(["arm 0", "dataFactory 0"], States(circuit));
    }

    private static IEnumerable<string> States(MetricCollector<int> circuit)
    {
        circuit.Clear();
        circuit.RecordObservableInstruments();
        return circuit.GetMeasurementSnapshot().Select(measured => $"{measured.Tags["dependency"]} {measured.Value}").Order(StringComparer.Ordinal);
    }
}
