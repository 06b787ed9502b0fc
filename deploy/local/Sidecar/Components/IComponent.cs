namespace MLEvents.Local.Sidecar.Components;

/// <summary>A loaded component of any building block.</summary>
public interface IComponent : IAsyncDisposable
{
    /// <summary>Capabilities as daprd lists them in <c>/v1.0/metadata</c>.</summary>
    IReadOnlyList<string> Capabilities { get; }

    /// <summary>
    /// Opens files and databases. Called once, before any other member. A failure stops the start, unless the document sets <c>ignoreErrors</c>.
    /// </summary>
    Task InitializeAsync(CancellationToken cancellationToken);
}
