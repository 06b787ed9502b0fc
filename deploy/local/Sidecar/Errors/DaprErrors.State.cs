using Grpc.Core;

namespace MLEvents.Local.Sidecar.Errors;

/// <content>Errors of the state API.</content>
public static partial class DaprErrors
{
    /// <summary>The text with which every store reports an ETag mismatch.</summary>
    public const string ETagMismatch = "possible etag mismatch. error from state store";

    /// <summary>The text with which daprd's SQL stores refuse a save with the concurrency <c>first-write</c> and without an ETag because the key exists.</summary>
    public const string NoItemUpdated = "no item was updated";

    /// <summary>An operation of a transaction is neither an upsert nor a delete.</summary>
    public static DaprError StateOperationNotSupported(string operation) =>
        new("ERR_NOT_SUPPORTED_STATE_OPERATION", 400, StatusCode.Unimplemented, $"operation type {operation} not supported")
        {
            GrpcReason = "ERR_NOT_SUPPORTED_STATE_OPERATION",
            IsPermanent = true,
        };

    /// <summary>A body, or a field of it, cannot be read.</summary>
    public static DaprError MalformedRequest(string reason) =>
        new("ERR_MALFORMED_REQUEST", 400, StatusCode.InvalidArgument, reason) { IsPermanent = true };

    /// <summary>No state store has this name.</summary>
    public static DaprError StateStoreNotFound(string store, string appId) =>
        new("ERR_STATE_STORE_NOT_FOUND", 400, StatusCode.InvalidArgument, $"state store {store} is not found")
        {
            Reason = "DAPR_STATE_NOT_FOUND",
            Info = new Dictionary<string, string> { ["appID"] = appId },
            IsPermanent = true,
        };

    /// <summary>A key contains the separator between prefix and key.</summary>
    public static DaprError StateIllegalKey(string store, string key) =>
        new("ERR_MALFORMED_REQUEST", 400, StatusCode.InvalidArgument, $"api error: code = InvalidArgument desc = input key/keyPrefix '{key}' can't contain '||'")
        {
            Reason = "DAPR_STATE_ILLEGAL_KEY",
            Field = key,
            Resource = ("state", store),
            Description = "",
            Info = null,
            IsPermanent = true,
        };

    /// <summary>A read failed.</summary>
    public static DaprError StateGet(string store, string key, string cause) =>
        Failed("ERR_STATE_GET", $"fail to get {key} from state store {store}: {cause}");

    /// <summary>A read of several keys failed.</summary>
    public static DaprError StateBulkGet(string store, string cause) =>
        Failed("ERR_STATE_BULK_GET", $"failed to get state from state store {store}: {cause}");

    /// <summary>A save failed.</summary>
    public static DaprError StateSave(string store, string cause) =>
        Failed("ERR_STATE_SAVE", $"failed saving state in state store {store}: {cause}");

    /// <summary>A save was refused because of its ETag.</summary>
    public static DaprError StateSaveConflict(string store, string cause) => Conflict(StateSave(store, cause));

    /// <summary>A delete failed.</summary>
    public static DaprError StateDelete(string key, string cause) =>
        Failed("ERR_STATE_DELETE", $"failed deleting state with key {key}: {cause}");

    /// <summary>A delete was refused because of its ETag.</summary>
    public static DaprError StateDeleteConflict(string key, string cause) => Conflict(StateDelete(key, cause));

    /// <summary>A transaction failed or was refused. Both are internal errors in daprd.</summary>
    public static DaprError StateTransaction(string cause) =>
        Failed("ERR_STATE_TRANSACTION", $"error while executing state transaction: {cause}");

    /// <summary>The stores of the embedded sidecar do not support queries.</summary>
    public static DaprError StateQueryNotSupported(string store) =>
        new("ERR_STATE_STORE_NOT_SUPPORTED", 500, StatusCode.Internal, "state store does not support querying")
        {
            Reason = "DAPR_STATE_QUERYING_NOT_SUPPORTED",
            Resource = ("state", store),
            Description = "",
            Info = null,
            IsPermanent = true,
        };

    private static DaprError Failed(string code, string message) => new(code, 500, StatusCode.Internal, message) { GrpcReason = code };

    private static DaprError Conflict(DaprError error) => error with { HttpStatus = 409, GrpcStatus = StatusCode.Aborted, IsPermanent = true };
}
