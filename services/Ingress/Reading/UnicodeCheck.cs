using System.Text.Json;
using System.Text.Unicode;

using MLEvents.Events;

namespace MLEvents.Ingress.Reading;

/// <summary>Finds text that is no valid Unicode: JSON's grammar allows it, but it can be neither read nor passed on.</summary>
internal static class UnicodeCheck
{
    /// <summary>Whether a body could hold such text: invalid UTF-8, or an escaped surrogate, which may lack its other half.</summary>
    public static bool MayFail(ReadOnlySpan<byte> body) =>
        !Utf8.IsValid(body) || body.IndexOf("\\ud"u8) >= 0 || body.IndexOf("\\uD"u8) >= 0;

    /// <summary>What is wrong with a JSON body; null if nothing is.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static string? Fault(ReadOnlyMemory<byte> body)
    {
        if (!MayFail(body.Span))
        {
            return null;
        }

        using var document = JsonDocument.Parse(EventReader.WithoutByteOrderMark(body), JsonLimits.Document);
        return Fault(document.RootElement);
    }

    /// <summary>What is wrong with an element; null if nothing is.</summary>
    public static string? Fault(JsonElement element)
    {
        try
        {
            // What publishing will do with it.
            using var writer = new Utf8JsonWriter(Stream.Null);
            element.WriteTo(writer);
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            return $"it holds text that is no valid Unicode: {exception.Message}";
        }
    }
}
