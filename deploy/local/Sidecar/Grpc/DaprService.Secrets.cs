using Dapr.Client.Autogen.Grpc.v1;

using Grpc.Core;

namespace MLEvents.Local.Sidecar.Grpc;

/// <content>The secrets building block.</content>
internal sealed partial class DaprService
{
    private static void BindSecrets(DaprMethodTable methods)
    {
        methods.Unary<GetSecretRequest, GetSecretResponse>("GetSecret", (service, request, call) => service.GetSecretAsync(request, call));
        methods.Unary<GetBulkSecretRequest, GetBulkSecretResponse>("GetBulkSecret", (service, request, call) => service.GetBulkSecretAsync(request, call));
    }

    private async Task<GetSecretResponse> GetSecretAsync(GetSecretRequest request, ServerCallContext call)
    {
        var values = await secrets.GetAsync(request.StoreName, request.Key, request.Metadata.AsReadOnly(), call.CancellationToken);
        return new GetSecretResponse { Data = { values.ToDictionary() } };
    }

    private async Task<GetBulkSecretResponse> GetBulkSecretAsync(GetBulkSecretRequest request, ServerCallContext call)
    {
        var all = await secrets.GetAllAsync(request.StoreName, request.Metadata.AsReadOnly(), call.CancellationToken);
        var response = new GetBulkSecretResponse();
        foreach (var (name, values) in all)
        {
            response.Data[name] = new SecretResponse { Secrets = { values.ToDictionary() } };
        }

        return response;
    }
}
