namespace MLEvents.Tests.Common.Sidecars;

/// <summary>A request that a sidecar made to its app.</summary>
/// <param name="Line">Method and path with query.</param>
/// <param name="Headers">Headers by name, ignoring case.</param>
/// <param name="Body">Body as text.</param>
/// <param name="At">When the request arrived.</param>
public sealed record Call(string Line, IReadOnlyDictionary<string, string> Headers, string Body, DateTimeOffset At)
{
    /// <summary>Path with query.</summary>
    public string Path => Line.Split(' ')[1];
}
