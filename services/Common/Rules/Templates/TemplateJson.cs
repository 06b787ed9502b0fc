using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

using Fluid;
using Fluid.Values;

namespace MLEvents.Rules.Templates;

/// <summary>Writes values of templates as JSON. The <c>json</c> filter of Fluid serializes values by reflection, which a native program does not have.</summary>
internal static class TemplateJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value as JSON.</summary>
    public static string Write(FluidValue value, TemplateContext context)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(writer, value, context);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, FluidValue value, TemplateContext context)
    {
        switch (value.Type)
        {
            case FluidValues.Array:
                WriteArray(writer, value, context);
                break;
            case FluidValues.Dictionary when value.ToObjectValue() is IFluidIndexable members:
                WriteObject(writer, members, context);
                break;
            case FluidValues.Boolean:
                writer.WriteBooleanValue(value.ToBooleanValue());
                break;
            case FluidValues.Number:
                writer.WriteNumberValue(value.ToNumberValue());
                break;
            case FluidValues.DateTime when value.ToObjectValue() is DateTimeOffset time:
                writer.WriteStringValue(time);
                break;
            case FluidValues.String or FluidValues.Blank or FluidValues.Empty:
                writer.WriteStringValue(value.ToStringValue());
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static void WriteArray(Utf8JsonWriter writer, FluidValue list, TemplateContext context)
    {
        writer.WriteStartArray();
        foreach (var item in list.Enumerate(context))
        {
            Write(writer, item, context);
        }

        writer.WriteEndArray();
    }

    private static void WriteObject(Utf8JsonWriter writer, IFluidIndexable members, TemplateContext context)
    {
        writer.WriteStartObject();
        foreach (var key in members.Keys)
        {
            writer.WritePropertyName(key);
            Write(writer, members.TryGetValue(key, out var value) && value is not null ? value : NilValue.Instance, context);
        }

        writer.WriteEndObject();
    }
}
