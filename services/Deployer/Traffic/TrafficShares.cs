namespace MLEvents.Deployer.Traffic;

/// <summary>Calculates shares of traffic: percentages that sum to 100.</summary>
internal static class TrafficShares
{
    /// <summary>The shares after a deployment gets its own share. The other deployments divide the rest in their current proportions.</summary>
    /// <param name="now">The current shares.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="share">The deployment's share, 1 to 100. The share becomes 100 if no other deployment has traffic, because the shares must sum to 100.</param>
    public static IReadOnlyDictionary<string, int> With(IReadOnlyDictionary<string, int> now, string deployment, int share)
    {
        var others = now.Where(other => other.Key != deployment).OrderBy(other => other.Key, StringComparer.Ordinal).ToList();
        var before = others.Sum(other => other.Value);
        var rest = before == 0 ? 0 : 100 - share;
        var shares = new Dictionary<string, int> { [deployment] = 100 - rest };

        // Each share is the difference of two rounded running totals, so that all shares add up to 100.
        var (total, assigned) = (0, 0);
        foreach (var (name, value) in others)
        {
            total += value;
            shares[name] = before == 0 ? 0 : (total * rest / before) - assigned;
            assigned += shares[name];
        }

        return shares;
    }

    /// <summary>The shares above 0. A deployment without a share may no longer exist, and Azure refuses traffic that names it.</summary>
    public static Dictionary<string, int> NonZero(IReadOnlyDictionary<string, int> traffic) => traffic.Where(share => share.Value > 0).ToDictionary();

    /// <summary>The deployment in service: the deployment with the largest share, except <paramref name="except"/>. Null if no other deployment has traffic.</summary>
    /// <param name="traffic">The traffic.</param>
    /// <param name="except">The deployment to ignore.</param>
    public static string? Largest(IReadOnlyDictionary<string, int> traffic, string except) =>
        traffic.Where(share => share.Key != except && share.Value > 0).OrderByDescending(share => share.Value).ThenBy(share => share.Key, StringComparer.Ordinal).Select(share => share.Key).FirstOrDefault();
}
