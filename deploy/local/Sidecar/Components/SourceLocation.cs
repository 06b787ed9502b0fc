namespace MLEvents.Local.Sidecar.Components;

/// <summary>A place in a resource file. Lines and columns count from 1.</summary>
/// <param name="File">Path as it was given.</param>
/// <param name="Line">Line.</param>
/// <param name="Column">Column.</param>
public readonly record struct SourceLocation(string File, long Line, long Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}({Line},{Column})";
}
