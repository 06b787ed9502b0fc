namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>The caller's W3C trace headers; daprd without a tracing configuration passes them through unchanged.</summary>
/// <param name="Parent"><c>traceparent</c>, or empty.</param>
/// <param name="State"><c>tracestate</c>, or empty.</param>
internal readonly record struct TraceContext(string Parent, string State)
{
    /// <summary>What daprd answers and delivers when there is no trace.</summary>
    public const string ZeroParent = "00-00000000000000000000000000000000-0000000000000000-00";

    /// <summary>The parent, or zeros.</summary>
    public string ParentOrZero => string.IsNullOrEmpty(Parent) ? ZeroParent : Parent;

    /// <summary>From the headers of an HTTP request or of a gRPC call.</summary>
    public static TraceContext From(IHeaderDictionary headers) =>
        new(headers.TraceParent.ToString(), headers.TraceState.ToString());
}
