using System.Text.Json;

namespace MLEvents.Events;

/// <summary>How deep the JSON of an event may nest, the same wherever an event is read or written.</summary>
public static class JsonLimits
{
    /// <summary>Deepest nesting, in levels. 512: far above any real event, far below what would exhaust a stack.</summary>
    public const int MaxDepth = 512;

    /// <summary>How many levels more are allowed where an event is a part of something else.</summary>
    public const int Wrapping = 8;

    /// <summary>Options for reading an envelope.</summary>
    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaxDepth };
}
