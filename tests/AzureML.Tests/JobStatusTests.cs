using MLEvents.AzureML.DataFactory;
using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Jobs;

namespace MLEvents.AzureML.Tests;

public sealed class JobStatusTests
{
    [Theory]
    [InlineData("Completed", true)]
    [InlineData("completed", true)]
    [InlineData("FAILED", true)]
    [InlineData("Canceled", true)]
    [InlineData("Cancelled", true)]
    [InlineData("Running", false)]
    [InlineData("CancelRequested", false)]
    [InlineData("NotResponding", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_completed_failed_and_canceled_end_a_job(string? status, bool terminal) =>
        Assert.Equal(terminal, JobStatus.IsTerminal(status));

    [Theory]
    [InlineData("Succeeded", true)]
    [InlineData("failed", true)]
    [InlineData("Cancelled", true)]
    [InlineData("Canceling", false)]
    [InlineData("InProgress", false)]
    [InlineData(null, false)]
    public void Only_succeeded_failed_and_canceled_end_a_run_of_Data_Factory(string? status, bool terminal) =>
        Assert.Equal(terminal, PipelineRunStatus.IsTerminal(status));

    [Theory]
    [InlineData("Succeeded", true, false)]
    [InlineData("failed", true, true)]
    [InlineData("Canceled", true, true)]
    [InlineData("Updating", false, false)]
    [InlineData("", false, false)]
    public void Succeeded_failed_and_canceled_are_final_provisioning_states_and_canceled_counts_as_failed(string state, bool terminal, bool failed) =>
        Assert.Equal((terminal, failed), (ProvisioningState.IsTerminal(state), ProvisioningState.IsFailed(state)));
}
