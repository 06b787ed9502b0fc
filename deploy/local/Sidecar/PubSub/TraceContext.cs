using System.Text.RegularExpressions;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>The caller's W3C trace headers. Without a tracing configuration, daprd passes them on unchanged.</summary>
/// <param name="Parent"><c>traceparent</c>, or empty.</param>
/// <param name="State"><c>tracestate</c>, or empty.</param>
internal readonly partial record struct TraceContext(string Parent, string State)
{
    /// <summary>The parent that daprd uses in answers and deliveries without a trace.</summary>
    public const string ZeroParent = "00-00000000000000000000000000000000-0000000000000000-00";

    /// <summary>The parent, or zeros.</summary>
    public string ParentOrZero => string.IsNullOrEmpty(Parent) ? ZeroParent : Parent;

    /// <summary>Reads the headers of an HTTP request or of a gRPC call.</summary>
    public static TraceContext From(IHeaderDictionary headers) =>
        new(headers.TraceParent.ToString(), headers.TraceState.ToString());

    /// <summary>
    /// Returns the <c>traceparent</c> header for the delivery of an event: the event's <c>traceparent</c>, or <see cref="ZeroParent"/> if the event's value is not a W3C trace parent.
    /// As in daprd, a publisher can therefore not put arbitrary text into the header.
    /// </summary>
    public static string ValidOrZero(string parent) => TraceParentPattern().IsMatch(parent) ? parent : ZeroParent;

    [GeneratedRegex("^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex TraceParentPattern();
}
