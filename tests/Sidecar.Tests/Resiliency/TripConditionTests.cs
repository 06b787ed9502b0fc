using MLEvents.Local.Sidecar.Resiliency;

namespace MLEvents.Local.Sidecar.Tests.Resiliency;

/// <summary>The trip conditions that the embedded sidecar supports.</summary>
public sealed class TripConditionTests
{
    [Theory]
    [InlineData("consecutiveFailures > 5", "ConsecutiveFailures", 6)]
    [InlineData("consecutiveFailures >= 5", "ConsecutiveFailures", 5)]
    [InlineData(" totalFailures>0 ", "TotalFailures", 1)]
    [InlineData("requests >= 2147483647", "Requests", 2147483647)]
    [InlineData("requests > 2147483647", "Requests", 2147483648)]
    public void A_counter_is_compared_with_a_number(string text, string counter, long min) =>
        Assert.Equal(new TripCondition(Enum.Parse<BreakerCounter>(counter), min), TripCondition.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("consecutiveFailures")]
    [InlineData("consecutiveFailures < 5")]
    [InlineData("consecutiveFailures > -1")]
    [InlineData("consecutiveFailures > 2147483648")]
    [InlineData("ConsecutiveFailures > 5")]
    [InlineData("5 < consecutiveFailures")]
    [InlineData("requests > 5 && totalFailures > 2")]
    public void A_condition_in_any_other_form_is_refused(string text) => Assert.Null(TripCondition.TryParse(text));
}
