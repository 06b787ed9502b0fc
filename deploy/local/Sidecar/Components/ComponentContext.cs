using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar.Components;

/// <summary>The data from which a component is created.</summary>
/// <param name="Spec">The definition of the component, from its YAML file.</param>
/// <param name="Options">The options of the sidecar.</param>
/// <param name="Loggers">Creates the loggers of the component.</param>
public sealed record ComponentContext(ComponentSpec Spec, SidecarOptions Options, ILoggerFactory Loggers)
{
    /// <summary>The sidecar's clock.</summary>
    public TimeProvider Time => Options.Time;

    /// <summary>Returns a path from the component's metadata as an absolute path; a relative path is below the data directory. Creates the parent folder if it does not exist.</summary>
    public string DataPath(string path)
    {
        var full = Path.GetFullPath(Path.Combine(Options.DataDirectory, path));
        PrivateFiles.CreateFolder(Path.GetDirectoryName(full) ?? Options.DataDirectory);
        return full;
    }
}
