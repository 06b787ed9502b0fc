using Microsoft.Extensions.Time.Testing;

using MLEvents.Local.Sidecar.Documents;
using MLEvents.Local.Sidecar.Resiliency;

namespace MLEvents.Local.Sidecar.Tests.Resiliency;

/// <summary>
/// The policies that a resiliency document sets for each component. The order of precedence and the default values are those of daprd
/// (pkg/resiliency/resiliency.go, kit/retry/retry.go).
/// </summary>
public sealed class ResiliencyDocumentsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("pubsub.embedded", "Inbound", 1, "PubsubComponentInbound", "ComponentInbound", "Component", "")]
    [InlineData("pubsub.embedded", "Outbound", 1, "PubsubComponentOutbound", "PubsubComponentInbound")]
    [InlineData("state.sqlite", "Outbound", 1, "StatestoreComponentOutbound", "ComponentOutbound")]
    [InlineData("bindings.http", "Outbound", 1, "BindingComponentOutbound", "ComponentOutbound")]
    [InlineData("secretstores.local.env", "Outbound", 1, "SecretstoreComponentOutbound", "ComponentOutbound")]
    [InlineData("state.sqlite", "Outbound", 2, "BindingComponentOutbound", "ComponentOutbound", "Component", "")]
    [InlineData("state.sqlite", "Outbound", 2, "ComponentInbound", "Component", "")]
    [InlineData("state.sqlite", "Outbound", 2, "App", "")]
    [InlineData("state.sqlite", "Outbound", 0, "App", "Actor")]
    public void The_most_specific_default_policy_applies(string type, string direction, int expected, params string[] levels)
    {
        var retries = levels.Select((level, index) => $"Default{level}RetryPolicy: {{maxRetries: {index + 1}}}");
        var timeouts = levels.Select((level, index) => $"Default{level}TimeoutPolicy: {index + 1}s");
        var documents = Read($"policies: {{retries: {{{string.Join(", ", retries)}}}, timeouts: {{{string.Join(", ", timeouts)}}}}}");

        var found = documents.Resolve("x", type, Enum.Parse<PolicyDirection>(direction));

        Assert.Equal((expected == 0 ? null : expected, expected), (found.Retry?.MaxRetries, (int)(found.Timeout?.TotalSeconds ?? 0)));
    }

    [Fact]
    public void The_default_policies_do_not_apply_to_a_named_target_in_either_direction()
    {
        var documents = Read("""
            policies: {timeouts: {DefaultTimeoutPolicy: 1s}, retries: {DefaultRetryPolicy: {}, mine: {}}}
              targets: {components: {x: {outbound: {retry: mine}}}}
            """);

        var outbound = documents.Resolve("x", "state.sqlite", PolicyDirection.Outbound);

        Assert.NotNull(outbound.Retry);
        Assert.Null(outbound.Timeout);
        Assert.Equal(PolicySet.None, documents.Resolve("x", "state.sqlite", PolicyDirection.Inbound));
    }

    [Fact]
    public void A_retry_policy_waits_5_s_between_retries_without_limit_by_default()
    {
        var policy = Read("policies: {retries: {DefaultRetryPolicy: {}}}").Resolve("x", "state.sqlite", PolicyDirection.Outbound).Retry;

        Assert.Equal(new RetryPolicy(IsExponential: false, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60), MaxRetries: -1, Statuses: null), policy);
    }

    [Fact]
    public void A_circuit_breaker_opens_for_a_minute_after_six_consecutive_failures_by_default()
    {
        var breaker = Breaker(Read("policies: {circuitBreakers: {DefaultCircuitBreakerPolicy: {}}}"), PolicyDirection.Outbound);
        Fail(breaker, 5);
        breaker.Leave(breaker.Enter(), succeeded: true);
        Fail(breaker, 6);

        Assert.Throws<BreakerOpenException>(() => breaker.Enter());
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Throws<BreakerOpenException>(() => breaker.Enter());
        _time.Advance(TimeSpan.FromSeconds(1));
        breaker.Enter();
    }

    [Fact]
    public void Both_directions_of_a_component_share_a_circuit_breaker_and_each_component_has_its_own_breaker()
    {
        var documents = Read("policies: {circuitBreakers: {DefaultCircuitBreakerPolicy: {trip: consecutiveFailures > 0}}}");

        Fail(Breaker(documents, PolicyDirection.Outbound), 1);

        Assert.Throws<BreakerOpenException>(() => Breaker(documents, PolicyDirection.Inbound).Enter());
        Breaker(documents, PolicyDirection.Inbound, "another").Enter();
    }

    [Fact]
    public void Exponential_retries_end_after_15_minutes_even_without_a_limit_and_constant_retries_do_not()
    {
        var exponential = new RetryPolicy(IsExponential: true, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60), MaxRetries: -1, Statuses: null);
        var waited = TimeSpan.Zero;
        var schedule = exponential.Start(() => 0.5, _time);
        var constant = (exponential with { IsExponential = false }).Start(() => 0.5, _time);

        while (schedule.Next(new TimeoutException()) is { } wait)
        {
            waited += wait;
            _time.Advance(wait);
        }

        Assert.InRange(waited, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.NotNull(constant.Next(new TimeoutException()));
    }

    private static CircuitBreaker Breaker(ResiliencyDocuments documents, PolicyDirection direction, string component = "x") =>
        documents.Resolve(component, "pubsub.embedded", direction).Breaker ?? throw new InvalidOperationException("no breaker");

    private static void Fail(CircuitBreaker breaker, int times)
    {
        for (var time = 0; time < times; time++)
        {
            breaker.Leave(breaker.Enter(), succeeded: false);
        }
    }

    private ResiliencyDocuments Read(string spec) => ResiliencyDocuments.Read(
        [.. ResourceFiles.Documents(_folder.Write("resiliency.yaml", $"kind: Resiliency\nmetadata: {{name: r}}\nspec:\n  {spec}\n"))], _time);
}
