using System.Buffers;
using System.Text.Json;

using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

using Grpc.Core;

using RpcStatus = Google.Rpc.Status;

namespace MLEvents.Local.Sidecar.Errors;

/// <summary>Writes a <see cref="DaprError"/> to the answer in daprd's form.</summary>
internal static class DaprErrorWriter
{
    private const string Domain = "dapr.io";

    /// <summary>Writes the error as the answer to an HTTP request.</summary>
    public static async Task WriteAsync(HttpContext context, DaprError error)
    {
        var body = HttpBody(error);
        context.Response.StatusCode = error.HttpStatus;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The JSON body.</summary>
    public static ReadOnlyMemory<byte> HttpBody(DaprError error)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("errorCode", error.Code);
        json.WriteString("message", error.Message);
        if (error.Reason is not null)
        {
            WriteDetails(json, error);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The exception that gRPC callers get, with details in the trailers.</summary>
    public static RpcException ToRpcException(DaprError error)
    {
        var message = error.Message;
        var status = new RpcStatus { Code = (int)error.GrpcStatus, Message = message };
        if ((error.GrpcReason ?? error.Reason) is { } reason)
        {
            AddDetails(status, error, reason);
        }

        return new RpcException(new global::Grpc.Core.Status(error.GrpcStatus, message), Trailers(status));
    }

    private static Metadata Trailers(RpcStatus status) => status.Details.Count == 0 ? [] : [new Metadata.Entry("grpc-status-details-bin", status.ToByteArray())];

    private static void WriteDetails(Utf8JsonWriter json, DaprError error)
    {
        json.WriteStartArray("details");
        if (error.Field is { } field)
        {
            WriteBadRequest(json, field, error.Message);
        }

        if (error.Resource is var (type, name))
        {
            json.WriteStartObject();
            json.WriteString("@type", "type.googleapis.com/google.rpc.ResourceInfo");
            json.WriteString("description", error.Description ?? error.Message);
            json.WriteString("owner", "");
            json.WriteString("resource_name", name);
            json.WriteString("resource_type", type);
            json.WriteEndObject();
        }

        json.WriteStartObject();
        json.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
        json.WriteString("domain", Domain);
        json.WritePropertyName("metadata");
        WriteInfo(json, error.Info);
        json.WriteString("reason", error.Reason);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteBadRequest(Utf8JsonWriter json, string field, string description)
    {
        json.WriteStartObject();
        json.WriteString("@type", "type.googleapis.com/google.rpc.BadRequest");
        json.WriteStartArray("field_violations");
        json.WriteStartObject();
        json.WriteString("field", field);
        json.WriteString("description", description);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteInfo(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? info)
    {
        if (info is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        foreach (var (key, value) in info.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void AddDetails(RpcStatus status, DaprError error, string reason)
    {
        if (error.Field is { } field)
        {
            status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = error.Message } } }));
        }

        if (error.Resource is var (type, name))
        {
            var resource = new ResourceInfo { ResourceType = type, ResourceName = name, Description = error.Description ?? error.Message };
            status.Details.Add(Any.Pack(resource));
        }

        var info = new ErrorInfo { Reason = reason, Domain = Domain };
        info.Metadata.Add(error.Info?.ToDictionary() ?? []);
        status.Details.Add(Any.Pack(info));
    }
}
