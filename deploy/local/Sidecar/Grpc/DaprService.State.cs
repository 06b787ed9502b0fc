using Dapr.Client.Autogen.Grpc.v1;

using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

using Grpc.Core;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.State;

using StateItemMessage = Dapr.Client.Autogen.Grpc.v1.StateItem;

namespace MLEvents.Local.Sidecar.Grpc;

/// <content>The state building block.</content>
internal sealed partial class DaprService
{
    private static void BindState(DaprMethodTable methods)
    {
        methods.Unary<GetStateRequest, GetStateResponse>("GetState", (service, request, call) => service.GetStateAsync(request, call));
        methods.Unary<GetBulkStateRequest, GetBulkStateResponse>("GetBulkState", (service, request, call) => service.GetBulkStateAsync(request, call));
        methods.Unary<SaveStateRequest, Empty>("SaveState", (service, request, call) => service.SaveStateAsync(request, call));
        methods.Unary<DeleteStateRequest, Empty>("DeleteState", (service, request, call) => service.DeleteStateAsync(request, call));
        methods.Unary<DeleteBulkStateRequest, Empty>("DeleteBulkState", (service, request, call) => service.DeleteBulkStateAsync(request, call));
        methods.Unary<ExecuteStateTransactionRequest, Empty>(
            "ExecuteStateTransaction", (service, request, call) => service.ExecuteStateTransactionAsync(request, call));
        methods.Unary<QueryStateRequest, QueryStateResponse>(
            "QueryStateAlpha1", (service, request, _) => throw service.State(request.StoreName).QueryNotSupported());
    }

    private StateAccess State(string store) => StateAccess.To(runtime, store);

    private async Task<GetStateResponse> GetStateAsync(GetStateRequest request, ServerCallContext call)
    {
        var item = await State(request.StoreName).GetAsync(request.Key, call.CancellationToken);
        if (item is null)
        {
            return new GetStateResponse();
        }

        var response = new GetStateResponse { Data = ByteString.CopyFrom(item.Value.Span), Etag = item.ETag };
        AddExpiry(response.Metadata, item);
        return response;
    }

    private async Task<GetBulkStateResponse> GetBulkStateAsync(GetBulkStateRequest request, ServerCallContext call)
    {
        var found = await State(request.StoreName).GetManyAsync(request.Keys, call.CancellationToken);
        return new GetBulkStateResponse { Items = { found.Select(pair => BulkItem(pair.Key, pair.Item)) } };
    }

    private async Task<Empty> SaveStateAsync(SaveStateRequest request, ServerCallContext call)
    {
        await State(request.StoreName).SaveAsync([.. request.States.Select(state => Upsert(request.StoreName, state))], call.CancellationToken);
        return new Empty();
    }

    private async Task<Empty> DeleteStateAsync(DeleteStateRequest request, ServerCallContext call)
    {
        var delete = new StateDelete(request.Key, NullIfEmpty(request.Etag), Concurrency(request.Options));
        await State(request.StoreName).DeleteAsync([delete], call.CancellationToken);
        return new Empty();
    }

    private async Task<Empty> DeleteBulkStateAsync(DeleteBulkStateRequest request, ServerCallContext call)
    {
        await State(request.StoreName).DeleteAsync([.. request.States.Select(Delete)], call.CancellationToken);
        return new Empty();
    }

    private async Task<Empty> ExecuteStateTransactionAsync(ExecuteStateTransactionRequest request, ServerCallContext call)
    {
        var operations = request.Operations.Select(operation => Operation(request.StoreName, operation));
        await State(request.StoreName).TransactAsync([.. operations], call.CancellationToken);
        return new Empty();
    }

    private static StateOperation Operation(string store, TransactionalStateOperation operation) => operation.OperationType switch
    {
        "upsert" => Upsert(store, operation.Request ?? new StateItemMessage()),
        "delete" => Delete(operation.Request ?? new StateItemMessage()),
        var other => throw DaprErrors.StateOperationNotSupported(other).AsException(),
    };

    private static StateUpsert Upsert(string store, StateItemMessage state) =>
        new(state.Key, state.Value.Memory, NullIfEmpty(state.Etag), Concurrency(state.Options), StateMetadata.ReadTimeToLive(store, state.Metadata.AsReadOnly()));

    private static StateDelete Delete(StateItemMessage state) => new(state.Key, NullIfEmpty(state.Etag), Concurrency(state.Options));

    private static BulkStateItem BulkItem(string key, Components.StateItem? item)
    {
        if (item is null)
        {
            return new BulkStateItem { Key = key };
        }

        var message = new BulkStateItem { Key = key, Data = ByteString.CopyFrom(item.Value.Span), Etag = item.ETag };
        AddExpiry(message.Metadata, item);
        return message;
    }

    private static void AddExpiry(MapField<string, string> metadata, Components.StateItem item)
    {
        if (StateMetadata.Expiry(item) is { } expiry)
        {
            metadata[StateMetadata.ExpireTime] = expiry;
        }
    }

    private static string? NullIfEmpty(Etag? etag) => etag is { Value.Length: > 0 } ? etag.Value : null;

    private static StateConcurrency Concurrency(StateOptions? options) => options?.Concurrency switch
    {
        StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite => StateConcurrency.FirstWrite,
        StateOptions.Types.StateConcurrency.ConcurrencyLastWrite => StateConcurrency.LastWrite,
        _ => StateConcurrency.Unspecified,
    };
}
