namespace MLEvents.Local.Sidecar.Components;

/// <summary>Data and metadata that go into or come out of a binding.</summary>
/// <param name="Data">The bytes; empty for none.</param>
/// <param name="Metadata">By name.</param>
public sealed record BindingMessage(ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A binding that the app can invoke.</summary>
public interface IOutputBinding : IComponent
{
    /// <summary>Whether the app may invoke the binding (metadata item <c>direction</c>).</summary>
    bool IsOutput { get; }

    /// <summary>The operations of the binding, in daprd's order.</summary>
    IReadOnlyList<string> Operations { get; }

    /// <summary>Runs one of the <see cref="Operations"/>.</summary>
    /// <returns>The answer; null if the operation has no answer.</returns>
    /// <exception cref="BindingException">The operation failed.</exception>
    Task<BindingMessage?> InvokeAsync(string operation, BindingMessage request, CancellationToken cancellationToken);
}
