namespace MLEvents.AzureML.Endpoints;

/// <summary>The provisioning states of endpoints and deployments. Compare them with the methods of this class, which are case-insensitive.</summary>
public static class ProvisioningState
{
    /// <summary>The resource is being created.</summary>
    public const string Creating = "Creating";

    /// <summary>The resource is being updated.</summary>
    public const string Updating = "Updating";

    /// <summary>Instances are being added or removed (deployments only).</summary>
    public const string Scaling = "Scaling";

    /// <summary>The resource is being deleted.</summary>
    public const string Deleting = "Deleting";

    /// <summary>The last change succeeded. Terminal.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>The last change failed. Terminal.</summary>
    public const string Failed = "Failed";

    /// <summary>The last change was cancelled. Terminal.</summary>
    public const string Canceled = "Canceled";

    /// <summary>Whether no change is in progress.</summary>
    public static bool IsTerminal(string? state) => IsSucceeded(state) || IsFailed(state);

    /// <summary>Whether the state is <see cref="Succeeded"/>.</summary>
    public static bool IsSucceeded(string? state) => Is(state, Succeeded);

    /// <summary>Whether the last change failed or was cancelled: <see cref="Failed"/> or <see cref="Canceled"/>.</summary>
    public static bool IsFailed(string? state) => Is(state, Failed) || Is(state, Canceled);

    private static bool Is(string? state, string expected) => string.Equals(state, expected, StringComparison.OrdinalIgnoreCase);
}
