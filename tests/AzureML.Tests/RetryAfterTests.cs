using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Errors;
using MLEvents.Tests.Common;

namespace MLEvents.AzureML.Tests;

public sealed class RetryAfterTests
{
    private static readonly string Path = $"{AzureClient.Workspace}/jobs/j";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Retry-After", "120", 120_000)]
    [InlineData("Retry-After", "Fri, 02 Jan 2026 00:02:00 GMT", 120_000)]
    [InlineData("Retry-After", "Thu, 01 Jan 2026 00:00:00 GMT", 0)]
    [InlineData("retry-after-ms", "90000", 90_000)]
    [InlineData("x-ms-retry-after-ms", "90000", 90_000)]
    public async Task The_wait_that_Azure_requests_is_read_in_all_its_forms(string header, string value, int milliseconds)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, FakeAnswer.Error(400, "Code", "No.", (header, value)));
        using var azure = AzureClient.For(arm, new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)));

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token));

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), error.RetryAfter);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    public async Task An_invalid_wait_is_ignored(string value)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, FakeAnswer.Error(400, "Code", "No.", ("Retry-After", value)));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token));

        Assert.Null(error.RetryAfter);
    }

    [Fact]
    public async Task A_throttled_call_is_repeated_after_the_wait_that_Azure_requests_and_not_sooner()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, FakeAnswer.Error(429, "TooManyRequests", "Slow down.", ("Retry-After", "17")), new FakeAnswer(200, """{ "properties": { "status": "Running" } }"""));
        var time = new ObservedTime();
        using var azure = AzureClient.For(arm, time);

        var call = azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token);
        await time.WaitOfAsync(TimeSpan.FromSeconds(17), Token);
        time.Advance(TimeSpan.FromSeconds(16.9));
        Assert.False(call.IsCompleted);
        Assert.Single(arm.Calls);
        time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal("Running", (await call)?.Status);
        Assert.Equal(2, arm.Calls.Count);
    }

    [Fact]
    public async Task The_total_timeout_ends_a_call_and_the_error_contains_the_last_answer()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, FakeAnswer.Error(429, "TooManyRequests", "Slow down.", ("Retry-After", "40"), ("x-ms-request-id", "req-2")));
        var time = new ObservedTime();
        using var azure = AzureClient.For(arm, time);

        var call = azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token);
        await time.WaitOfAsync(TimeSpan.FromSeconds(40), Token);
        time.Advance(TimeSpan.FromSeconds(40));
        await time.WaitsOfAsync(2, TimeSpan.FromSeconds(40), Token);
        time.Advance(TimeSpan.FromSeconds(20));

        var error = await Assert.ThrowsAsync<AzureException>(() => call);
        Assert.Equal((AzureException.TimeoutCode, 429, "req-2", true), (error.Code, error.Status, error.RequestId, error.IsTransient));
        Assert.Contains("Slow down.", error.Message, StringComparison.Ordinal);
        Assert.Contains(azure.Logs, log => log.Message == "Jobs_Get ended without a result: Timeout; request id of the last answer: req-2");
    }
}
