namespace MLEvents.Local.Sidecar.Components;

/// <summary>Data and metadata that go into or come out of a binding.</summary>
/// <param name="Data">Bytes as they are; empty for none.</param>
/// <param name="Metadata">By name.</param>
public sealed record BindingMessage(ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A binding the app invokes.</summary>
public interface IOutputBinding : IComponent
{
    /// <summary>Whether the app may invoke it (daprd: the <c>direction</c> metadata item).</summary>
    bool IsOutput { get; }

    /// <summary>The operations it has, in the order daprd lists them.</summary>
    IReadOnlyList<string> Operations { get; }

    /// <summary>Runs one of the <see cref="Operations"/>; null when the operation has nothing to answer.</summary>
    /// <exception cref="BindingException">The operation failed.</exception>
    Task<BindingMessage?> InvokeAsync(string operation, BindingMessage request, CancellationToken cancellationToken);
}
