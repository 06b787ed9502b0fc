using System.Globalization;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Scoring;
using MLEvents.Deployer.Traffic;
using MLEvents.Deployer.Verification;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Steps;

/// <summary>Sends the sample requests to the new deployment before it gets traffic. Each step executes one check.</summary>
internal sealed class VerificationStep(EndpointTraffic traffic, IScoring scoring, RolloutEnding ending)
{
    private const int MaxTries = 3;

    // The endpoint's gateway, not the model, sends these responses. A new deployment may need a moment until every instance accepts requests.
    private static readonly int[] NotReady = [429, 502, 503, 504];

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var (checks, passed) = (plan.Strategy?.Verify ?? [], record.PassedChecks());
        if (passed >= checks.Count)
        {
            var result = checks.Count == 0 ? $"deployment {plan.Deployment} has no verification" : $"deployment {plan.Deployment} passed {checks.Count} {(checks.Count == 1 ? "check" : "checks")}: {record.Detail}";
            return new Continue(Stages.Verified, TimeSpan.Zero) { Detail = result, State = RolloutState.Verified(result) };
        }

        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} was deleted" };
        }

        return await CheckAsync(record, plan, endpoint, checks[passed], cancellationToken);
    }

    private async Task<StepResult> CheckAsync(ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint, SampleCheck check, CancellationToken cancellationToken)
    {
        var answers = new List<ScoringResult>();
        for (var sent = 0; sent < check.Repeat; sent++)
        {
            var answer = await scoring.ScoreAsync(plan.Workspace, plan.Endpoint, new ScoringRequest(check.Body, plan.Deployment), cancellationToken);
            if (answer.Status != check.Expect.Status && NotReady.Contains(answer.Status) && record.Tries() < MaxTries)
            {
                return ending.Wait(record, $"deployment {plan.Deployment} answered '{check.Name}' with status {answer.Status}; the request is repeated") with { State = RolloutState.Try(record.Tries() + 1) };
            }

            answers.Add(answer);
        }

        var current = await CompareAsync(plan, endpoint, check, cancellationToken);
        return AnswerCheck.FindFault(check, answers, current) is { } fault
            ? await ending.FailAsync(record, plan, fault, cancellationToken)
            : new Continue(Stages.Verifying, TimeSpan.Zero) { Detail = Describe(check, answers), State = RolloutState.Check(record.PassedChecks() + 1) };
    }

    private async Task<ScoringResult?> CompareAsync(RolloutPlan plan, OnlineEndpoint endpoint, SampleCheck check, CancellationToken cancellationToken) =>
        check.Expect.MaxDifferenceToCurrent is not null && TrafficShares.Largest(endpoint.Traffic, plan.Deployment) is { } current
            ? await scoring.ScoreAsync(plan.Workspace, plan.Endpoint, new ScoringRequest(check.Body, current), cancellationToken)
            : null;

    private static string Describe(SampleCheck check, List<ScoringResult> answers) => string.Create(
        CultureInfo.InvariantCulture,
        $"'{check.Name}' was answered {(answers.Count == 1 ? "once" : $"{answers.Count} times")}, percentile {check.Expect.Percentile} of the latency is {AnswerCheck.LatencyOf(answers, check.Expect.Percentile).TotalMilliseconds:F0} ms");
}
