using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Fuzzing;

namespace MLEvents.Deployer.Tests;

/// <summary>Sends mutated requests to the running service. Each answer must have an expected status, and the service must log no unexpected error.</summary>
public sealed class DeployerFuzzTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mutated_requests_for_roll_outs_and_roll_backs_get_an_expected_answer()
    {
        using var rules = new TempFolder();
        rules.Write("deployments.yaml", "deployments: []\n");
        await using var deployer = await FuzzedService.StartAsync(configure => DeployerService.Create(["--environment=Development"], configure), rules, Token);
        await deployer.SendOperationsAsync(["/deployments/rollback?endpoint=churn-scoring&to=blue", "/deployments/start?rule=churn&model=churn:12&workspace=/subscriptions/s", "/actions/00112233445566778899/retry?force=true"], Token);
    }
}
