namespace MLEvents.AzureML.Endpoints;

/// <summary>The provisioning states of endpoints and deployments; compare with the helpers, which ignore case.</summary>
public static class ProvisioningState
{
    /// <summary>Being made.</summary>
    public const string Creating = "Creating";

    /// <summary>Being changed.</summary>
    public const string Updating = "Updating";

    /// <summary>Instances are being added or taken away (deployments only).</summary>
    public const string Scaling = "Scaling";

    /// <summary>Being taken away.</summary>
    public const string Deleting = "Deleting";

    /// <summary>Ready; terminal.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>The last change failed; terminal.</summary>
    public const string Failed = "Failed";

    /// <summary>The last change was called off; terminal.</summary>
    public const string Canceled = "Canceled";

    /// <summary>Whether nothing is going on any more.</summary>
    public static bool IsTerminal(string? state) => IsSucceeded(state) || IsFailed(state);

    /// <summary>Whether the state is <see cref="Succeeded"/>.</summary>
    public static bool IsSucceeded(string? state) => Is(state, Succeeded);

    /// <summary>Whether the last change did not come about: <see cref="Failed"/> or <see cref="Canceled"/>.</summary>
    public static bool IsFailed(string? state) => Is(state, Failed) || Is(state, Canceled);

    private static bool Is(string? state, string expected) => string.Equals(state, expected, StringComparison.OrdinalIgnoreCase);
}
