using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;

namespace MLEvents.Retrainer;

/// <summary>Settings of the retrainer, from the <c>Retrainer</c> section.</summary>
public sealed class RetrainerOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Retrainer";

    /// <summary>How often an active run is checked, 0.05 s to 1 h. Default 30 s. Events of the run shorten the wait.</summary>
    [TimeRange("00:00:00.05", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long Data Factory may take to list a new run, and Azure Machine Learning to list a new job of a batch endpoint, 0.05 s to 10 min. Default 30 s. If the start of a run is
    /// unconfirmed and the run is not listed after this time, the retrainer starts it again. A value that is too short can start a run twice.
    /// </summary>
    [TimeRange("00:00:00.05", "00:10:00")]
    public TimeSpan RunListingDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a run may take before it is cancelled, 1 min to 90 days. Default 7 days. Its action then fails, unless the rule retries the run. A rule's
    /// <c>timeout</c> takes precedence.
    /// </summary>
    [TimeRange("00:01:00", "90.00:00:00")]
    public TimeSpan LongestRun { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long the retrainer may take to read the jobs of a model monitor that reports drift, 0 to 10 s. Default 2 s. With 0, or if the jobs are not read in time, templates can use only
    /// the data of the event. The value must be below <c>Ledger:HandlerBudget</c>.
    /// </summary>
    [TimeRange("00:00:00", "00:00:10")]
    public TimeSpan MonitorJobWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long Azure may take to cancel a run before its action fails, 1 min to 1 day. Default 30 min.</summary>
    [TimeRange("00:01:00", "1.00:00:00")]
    public TimeSpan LongestCancellation { get; set; } = TimeSpan.FromMinutes(30);
}

[OptionsValidator]
internal sealed partial class RetrainerOptionsValidator : IValidateOptions<RetrainerOptions>;

/// <summary>Rejects a <see cref="RetrainerOptions.MonitorJobWait"/> that leaves no time for the actions of a message.</summary>
internal sealed class MonitorJobWaitValidator(IOptions<LedgerOptions> ledger) : IValidateOptions<RetrainerOptions>
{
    public ValidateOptionsResult Validate(string? name, RetrainerOptions options) => options.MonitorJobWait < ledger.Value.HandlerBudget
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(
            $"Retrainer:MonitorJobWait is {options.MonitorJobWait}, but must be below Ledger:HandlerBudget, which is {ledger.Value.HandlerBudget}. Shorten the wait, or extend the budget.");
}
