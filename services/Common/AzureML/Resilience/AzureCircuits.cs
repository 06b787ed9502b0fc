using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

using Polly.CircuitBreaker;

namespace MLEvents.AzureML.Resilience;

/// <summary>Measures the state of each dependency's circuit breaker. Polly itself counts only the changes of the state.</summary>
internal sealed class AzureCircuits
{
    public const string MeterName = "MLEvents.AzureML";

    private readonly ConcurrentDictionary<string, CircuitBreakerStateProvider> _circuits = new();

    public AzureCircuits(IMeterFactory meters) => meters.Create(MeterName).CreateObservableGauge(
        "mlevents.azure.circuit", Measure, "{state}", "State of the circuit breaker of a dependency: 0 closed, 1 half open, 2 open.");

    /// <summary>The provider to which the circuit breaker of a dependency reports its state.</summary>
    public CircuitBreakerStateProvider For(string dependency) => _circuits.GetOrAdd(dependency, _ => new());

    /// <summary>The dependencies whose circuit breaker is not closed, ordered by name, and the states of these circuit breakers.</summary>
    public IReadOnlyList<(string Dependency, CircuitState State)> Interrupted =>
    [
        .. _circuits.Select(circuit => (Dependency: circuit.Key, State: circuit.Value.CircuitState))
            .Where(circuit => circuit.State != CircuitState.Closed)
            .OrderBy(circuit => circuit.Dependency, StringComparer.Ordinal),
    ];

    private IEnumerable<Measurement<int>> Measure() =>
        _circuits.Select(circuit => new Measurement<int>(Number(circuit.Value.CircuitState), new KeyValuePair<string, object?>("dependency", circuit.Key)));

    private static int Number(CircuitState state) => state switch
    {
        CircuitState.Closed => 0,
        CircuitState.HalfOpen => 1,
        _ => 2,
    };
}
