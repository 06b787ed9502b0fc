namespace MLEvents.AzureML;

/// <summary>The containers of a deployment that keep a log.</summary>
public static class DeploymentContainer
{
    /// <summary>Fetches model and code before the server starts.</summary>
    public const string StorageInitializer = "StorageInitializer";

    /// <summary>Serves the model.</summary>
    public const string InferenceServer = "InferenceServer";
}
