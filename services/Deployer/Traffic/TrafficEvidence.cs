using MLEvents.AzureML.Errors;
using MLEvents.Events;

namespace MLEvents.Deployer.Traffic;

/// <summary>Describes how a roll-out changes the traffic of its endpoint, for the people who approve it.</summary>
internal sealed class TrafficEvidence(EndpointTraffic traffic)
{
    /// <summary>
    /// Returns the traffic now and after the first step. If the endpoint cannot be read or does not exist, the entry <c>traffic now</c> contains the reason. The
    /// approval is then requested without the traffic.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(RolloutPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await traffic.FindAsync(plan, cancellationToken) is { } endpoint ? Describe(plan, TrafficShares.NonZero(endpoint.Traffic)) : new Dictionary<string, string> { ["traffic now"] = "the endpoint does not exist yet" };
        }
        catch (AzureException exception)
        {
            return new Dictionary<string, string> { ["traffic now"] = $"not known: {Redaction.Bound(exception.ToText())}" };
        }
    }

    private static Dictionary<string, string> Describe(RolloutPlan plan, IReadOnlyDictionary<string, int> now)
    {
        var first = plan.Strategy is { } strategy ? TrafficSchedule.Create(strategy, now, plan.Deployment)[0] : new TrafficLevel("", TrafficShares.With(now, plan.Deployment, plan.Traffic), 0, TimeSpan.Zero);
        return new()
        {
            ["traffic now"] = TrafficSchedule.Describe(now),
            ["traffic after the first step"] = first.Mirror > 0 ? $"{TrafficSchedule.Describe(first.Traffic)}, {first.Mirror}% copied to {plan.Deployment}" : TrafficSchedule.Describe(first.Traffic),
        };
    }
}
