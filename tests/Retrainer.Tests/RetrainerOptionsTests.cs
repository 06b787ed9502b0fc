using System.Globalization;

using Microsoft.Extensions.Options;

using MLEvents.Ledger;

namespace MLEvents.Retrainer.Tests;

public sealed class RetrainerOptionsTests
{
    [Fact]
    public void The_defaults_are_valid()
    {
        Assert.True(new RetrainerOptionsValidator().Validate(null, new RetrainerOptions()).Succeeded);
    }

    [Fact]
    public void The_error_names_every_setting_that_is_out_of_its_range()
    {
        var options = new RetrainerOptions { PollInterval = TimeSpan.Zero, RunListingDelay = TimeSpan.FromHours(1), LongestRun = TimeSpan.FromDays(365), MonitorJobWait = TimeSpan.FromMinutes(1) };

        var result = new RetrainerOptionsValidator().Validate(null, options);

        Assert.Equal(4, result.Failures?.Count());
        Assert.All(["PollInterval", "RunListingDelay", "LongestRun", "MonitorJobWait"], name => Assert.Contains(name, result.FailureMessage, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("00:00:02", "00:00:05", true)]
    [InlineData("00:00:00", "00:00:00.01", true)]
    [InlineData("00:00:05", "00:00:05", false)]
    [InlineData("00:00:02", "00:00:01", false)]
    public void The_wait_for_the_jobs_of_a_monitor_must_be_shorter_than_the_handler_budget(string wait, string budget, bool isValid)
    {
        var ledger = Options.Create(new LedgerOptions { HandlerBudget = TimeSpan.Parse(budget, CultureInfo.InvariantCulture) });

        var result = new MonitorJobWaitValidator(ledger).Validate(null, new RetrainerOptions { MonitorJobWait = TimeSpan.Parse(wait, CultureInfo.InvariantCulture) });

        Assert.Equal(isValid, result.Succeeded);
        Assert.Equal(isValid ? null : $"Retrainer:MonitorJobWait is {wait}, but must be below Ledger:HandlerBudget, which is {budget}. Shorten the wait, or extend the budget.", result.FailureMessage);
    }
}
