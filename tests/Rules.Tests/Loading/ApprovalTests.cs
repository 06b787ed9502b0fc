using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>The keys <c>approval</c> and <c>dryRun</c>.</summary>
public sealed class ApprovalTests
{
    private const string Job = "type: command\ncommand: python train.py\nenvironment: azureml:sklearn:1\ncompute: azureml:cpu\n";

    [Fact]
    public void An_approval_is_read_with_its_defaults()
    {
        var approval = Deployment("approval: { from: ml-leads@example.com }").Approval;

        Assert.NotNull(approval);
        Assert.Equal(
            ("ml-leads@example.com", ApprovalPoint.Traffic, TimeSpan.FromHours(24), ApprovalTimeout.Reject, 1),
            (Assert.Single(approval.From), approval.Before, approval.Timeout, approval.OnTimeout, approval.Required));
        Assert.Equal(ApprovalPoint.Start, Retraining("approval: { from: a@example.com }").Approval?.Before);
    }

    [Fact]
    public void An_approval_is_read_with_all_its_keys()
    {
        var approval = Deployment("approval: { from: [a@example.com, b@example.com], before: start, timeout: 2h, onTimeout: approve, required: 2 }").Approval;

        Assert.NotNull(approval);
        Assert.Equal(
            (2, ApprovalPoint.Start, TimeSpan.FromHours(2), ApprovalTimeout.Approve, 2), (approval.From.Count, approval.Before, approval.Timeout, approval.OnTimeout, approval.Required));
    }

    [Theory]
    [InlineData("approval: {}", "retraining.yaml(5,15): 'from' is missing")]
    [InlineData("approval: { from: nobody }", "retraining.yaml(5,23): 'nobody' is not an e-mail address; write 'name@example.com' or 'Name <name@example.com>'")]
    [InlineData("approval: { from: a@example.com, before: traffic }", "retraining.yaml(5,46): 'before' must be one of start, not 'traffic'")]
    [InlineData("approval: { from: a@example.com, required: 11 }", "retraining.yaml(5,48): 'required' must be a whole number from 1 to 10, not '11'")]
    [InlineData("approval: { from: a@example.com, timeuot: 2h }", "retraining.yaml(5,38): unknown key 'timeuot'; did you mean 'timeout'?")]
    [InlineData("dryRun: maybe", "retraining.yaml(5,13): 'dryRun' must be true or false, not 'maybe'")]
    public void An_error_names_the_position_and_the_fix(string keys, string expected)
    {
        var exception = Assert.Throws<RuleFileException>(() => Retraining(keys));

        Assert.EndsWith(expected, exception.Message.Split('\n')[^1].Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_of_any_kind_can_be_a_dry_run()
    {
        using var folder = new TempFolder();
        var alert = RuleLoader.LoadAlerts(folder.Write("alerts.yaml", """
            alerts:
              - { name: a, dryRun: true, when: { includedEventTypes: [RunCompleted] }, send: { channel: email, to: a@example.com } }
            """)).Rules[0];

        Assert.True(alert.DryRun && Retraining("dryRun: true").DryRun && Deployment("dryRun: true").DryRun);
        Assert.False(Retraining("timeout: 1h").DryRun);
    }

    private static DeploymentRule Deployment(string keys)
    {
        using var folder = new TempFolder();
        return RuleLoader.LoadDeployments(folder.Write(
            "deployments.yaml", $"deployments:\n  - name: d\n    model: {{ name: churn }}\n    deploy: {{ endpoint: churn-scoring, location: westeurope }}\n    {keys}\n")).Rules[0];
    }

    private static RetrainingRule Retraining(string keys)
    {
        using var folder = new TempFolder();
        folder.Write("job.yaml", Job);
        return RuleLoader.LoadRetraining(folder.Write(
            "retraining.yaml", $"retraining:\n  - name: r\n    when: {{ includedEventTypes: [DatasetDriftDetected] }}\n    run: {{ job: job.yaml }}\n    {keys}\n")).Rules[0];
    }
}
