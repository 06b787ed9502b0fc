using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLEvents.Events;

/// <summary>How deep the JSON of an event may nest, the same wherever an event is read or written.</summary>
public static class JsonLimits
{
    /// <summary>Deepest nesting, in levels. 512: far above any real event, far below what would exhaust a stack.</summary>
    public const int MaxDepth = 512;

    /// <summary>How many more levels are allowed where an event is part of something else.</summary>
    public const int Wrapping = 8;

    /// <summary>Options for reading an envelope.</summary>
    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaxDepth };

    /// <summary>Options for reading envelopes that are wrapped, such as those of a bulk message.</summary>
    public static JsonDocumentOptions Bulk { get; } = new() { MaxDepth = MaxDepth + Wrapping };

    /// <summary>Options for writing an envelope: text that needs no escape in JSON is written as it is, so that an event does not grow.</summary>
    public static JsonWriterOptions Writer { get; } = new() { MaxDepth = MaxDepth + Wrapping, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
