using System.Text;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Fuzzing;

namespace MLEvents.Retrainer.Tests;

/// <summary>Sends mutated requests to the running service. Each answer must have an expected status, and the service must log no error.</summary>
public sealed class RetrainerFuzzTests
{
    private static readonly int[] LinkAnswers = [403, 414];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mutated_operations_on_actions_and_approvals_get_an_expected_answer()
    {
        using var rules = new TempFolder();
        rules.Write("retraining.yaml", "retraining: []\n");
        await using var retrainer = await FuzzedService.StartAsync(configure => RetrainerService.Create(["--environment=Development"], configure), rules, Token);
        await retrainer.SendOperationsAsync(
            [
                "/actions/00112233445566778899/retry?force=true&reason=x&currentRules=false", "/actions/00112233445566778899/cancel?leaveRunning=true", "/approvals/00112233445566778899/approve?comment=x",
                "/approvals/00112233445566778899-1/reject?comment=x&generation=1",
            ],
            Token);
    }

    [Fact]
    public async Task Mutated_links_of_approvals_get_an_expected_answer()
    {
        using var rules = new TempFolder();
        rules.Write("retraining.yaml", "retraining: []\n");
        await using var retrainer = await RunningService.StartAsync(
            configure => RetrainerService.Create(["--environment=Development"], configure),
            [.. FuzzedService.Settings, new("Rules:Directory", rules.Path), new("Approvals:LinkKey", new string('k', ApprovalLink.MinKeyLength))],
            Token);
        var link = new ApprovalLink("00112233445566778899", 1, "ml-leads@example.com", DateTimeOffset.UnixEpoch.AddYears(200));
        await FuzzRun.RunAsync(
            [Encoding.ASCII.GetBytes(link.Sign(new string('x', ApprovalLink.MinKeyLength))), "/quarantine?limit=5&state=open"u8.ToArray()],
            async bytes =>
            {
                var query = string.Join('&', Encoding.UTF8.GetString(bytes).TrimStart('?').Split('&').Select(pair => string.Join('=', pair.Split('=').Select(Uri.EscapeDataString))));
                using var content = new FormUrlEncodedContent([new("decision", "approve"), new("comment", query)]);
                using var response = await retrainer.Client.PostAsync(new Uri($"/{ApprovalLink.PathOf(link.ActionId, link.Generation)}?{query}", UriKind.Relative), content, Token);

                // The service refuses every link with 403, because no link is signed with its key. Kestrel refuses request lines that are too long with 414.
                Assert.Contains((int)response.StatusCode, LinkAnswers);
            },
            Token);
    }
}
