using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLEvents.Events;

/// <summary>The nesting limits for the JSON of events. They apply wherever an event is read or written.</summary>
public static class JsonLimits
{
    /// <summary>The deepest nesting, in levels. 512 is far above the depth of real events, and far below the depth that would exhaust a stack.</summary>
    public const int MaxDepth = 512;

    /// <summary>The number of additional levels where an event is part of another document.</summary>
    public const int Wrapping = 8;

    /// <summary>Options for reading an envelope.</summary>
    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaxDepth };

    /// <summary>Options for reading envelopes that are wrapped, such as those of a bulk message.</summary>
    public static JsonDocumentOptions Bulk { get; } = new() { MaxDepth = MaxDepth + Wrapping };

    /// <summary>Options for writing an envelope. Text that needs no escape in JSON is not escaped, so that an event does not grow.</summary>
    public static JsonWriterOptions Writer { get; } = new() { MaxDepth = MaxDepth + Wrapping, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
