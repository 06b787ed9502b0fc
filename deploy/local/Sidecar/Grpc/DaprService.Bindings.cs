using Dapr.Client.Autogen.Grpc.v1;

using Google.Protobuf;

using Grpc.Core;

using MLEvents.Local.Sidecar.Bindings;
using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;

namespace MLEvents.Local.Sidecar.Grpc;

/// <content>The bindings building block.</content>
internal sealed partial class DaprService
{
    private static void BindBindings(DaprMethodTable methods) =>
        methods.Unary<InvokeBindingRequest, InvokeBindingResponse>("InvokeBinding", (service, request, call) => service.InvokeBindingAsync(request, call));

    private async Task<InvokeBindingResponse> InvokeBindingAsync(InvokeBindingRequest request, ServerCallContext call)
    {
        var headers = new Metadata();
        try
        {
            var message = new BindingMessage(request.Data.Memory, BindingsAccess.AddTrace(request.Metadata, call.RequestHeaders.GetValue));
            var response = await BindingsAccess.InvokeAsync(
                runtime, request.Name, request.Operation, message, metadata => AddHeaders(headers, metadata), call.CancellationToken);
            return response is null
                ? new InvokeBindingResponse()
                : new InvokeBindingResponse { Data = ByteString.CopyFrom(response.Data.Span), Metadata = { response.Metadata.ToDictionary() } };
        }
        finally
        {
            await call.WriteResponseHeadersAsync(headers);
        }
    }

    // gRPC headers allow only ASCII values, and the value of a name that ends in -bin must be bytes. Items with such a name or with other values are left out of the headers.
    // The metadata in the answer contains all items.
    private static void AddHeaders(Metadata headers, IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (name, value) in metadata.Where(IsHeader))
        {
            headers.Add("metadata." + name, value);
        }
    }

    private static bool IsHeader(KeyValuePair<string, string> item) =>
        MetadataHeaders.IsName(item.Key) && !item.Key.EndsWith("-bin", StringComparison.OrdinalIgnoreCase) && item.Value.All(character => character is >= ' ' and <= '~');
}
