using Microsoft.Extensions.Time.Testing;

using MLEvents.Dashboard.Access;

namespace MLEvents.Dashboard.Tests.Access;

public sealed class SignInAttemptsTests
{
    [Fact]
    public void Each_address_has_ten_attempts_in_a_minute()
    {
        var time = new FakeTimeProvider();
        var attempts = new SignInAttempts(time);

        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(attempts.TryEnter("10.0.0.1")));
        Assert.False(attempts.TryEnter("10.0.0.1"));
        Assert.True(attempts.TryEnter("10.0.0.2"));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(attempts.TryEnter("10.0.0.1"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(attempts.TryEnter("10.0.0.1"));
    }
}
