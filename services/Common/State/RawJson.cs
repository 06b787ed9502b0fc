using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLEvents.State;

/// <summary>JSON that is already serialized, so that values of different types can share a call.</summary>
/// <param name="Json">The value in UTF-8.</param>
[JsonConverter(typeof(RawJsonConverter))]
internal sealed record RawJson(ReadOnlyMemory<byte> Json);

/// <summary>Writes the bytes unchanged.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Values are read as JsonElement.");

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
}
