using System.Text.RegularExpressions;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>The caller's W3C trace headers; daprd without a tracing configuration passes them through unchanged.</summary>
/// <param name="Parent"><c>traceparent</c>, or empty.</param>
/// <param name="State"><c>tracestate</c>, or empty.</param>
internal readonly partial record struct TraceContext(string Parent, string State)
{
    /// <summary>What daprd answers and delivers when there is no trace.</summary>
    public const string ZeroParent = "00-00000000000000000000000000000000-0000000000000000-00";

    /// <summary>The parent, or zeros.</summary>
    public string ParentOrZero => string.IsNullOrEmpty(Parent) ? ZeroParent : Parent;

    /// <summary>Reads the headers of an HTTP request or of a gRPC call.</summary>
    public static TraceContext From(IHeaderDictionary headers) =>
        new(headers.TraceParent.ToString(), headers.TraceState.ToString());

    /// <summary>
    /// The header value for an event's <c>traceparent</c>: the value itself, or zeros when it is not a W3C trace parent.
    /// daprd, too, parses the attribute and formats the header from the result, so no publisher chooses the bytes of a header.
    /// </summary>
    public static string ValidOrZero(string parent) => Form().IsMatch(parent) ? parent : ZeroParent;

    [GeneratedRegex("^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
