using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar.Components;

/// <summary>What a component's constructor gets.</summary>
/// <param name="Spec">Its document.</param>
/// <param name="Options">The sidecar it lives in.</param>
/// <param name="Loggers">For logs.</param>
public sealed record ComponentContext(ComponentSpec Spec, SidecarOptions Options, ILoggerFactory Loggers)
{
    /// <summary>The sidecar's clock.</summary>
    public TimeProvider Time => Options.Time;

    /// <summary>A path of a component's metadata: relative ones live under the data directory, which is made when missing.</summary>
    public string DataPath(string path)
    {
        var full = Path.GetFullPath(Path.Combine(Options.DataDirectory, path));
        PrivateFiles.CreateFolder(Path.GetDirectoryName(full) ?? Options.DataDirectory);
        return full;
    }
}
