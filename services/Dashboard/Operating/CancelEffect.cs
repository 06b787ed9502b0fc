namespace MLEvents.Dashboard.Operating;

/// <summary>The effect of a cancellation in Azure, as the pages describe it.</summary>
internal static class CancelEffect
{
    /// <summary>The description, for one action and for many.</summary>
    public const string Description = "The retrainer also cancels the run that an action started in Azure. The deployer restores the traffic of a roll-out with a strategy; the deployment stays.";
}
