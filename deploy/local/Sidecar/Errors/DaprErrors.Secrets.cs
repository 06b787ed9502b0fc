using Grpc.Core;

namespace MLEvents.Local.Sidecar.Errors;

/// <content>Errors of the secrets API.</content>
public static partial class DaprErrors
{
    /// <summary>The app has no secret store.</summary>
    public static DaprError SecretStoresNotConfigured { get; } =
        new("ERR_SECRET_STORES_NOT_CONFIGURED", 500, StatusCode.FailedPrecondition, "secret store is not configured") { IsPermanent = true };

    /// <summary>No secret store has this name.</summary>
    public static DaprError SecretStoreNotFound(string store) =>
        new("ERR_SECRET_STORE_NOT_FOUND", 401, StatusCode.InvalidArgument, $"failed finding secret store with key {store}") { IsPermanent = true };

    /// <summary>The secret scopes of the configuration do not allow the app to read the secret.</summary>
    public static DaprError SecretPermissionDenied(string store, string secret) =>
        new("ERR_PERMISSION_DENIED", 403, StatusCode.PermissionDenied, $"access denied by policy to get \"{secret}\" from \"{store}\"") { IsPermanent = true };

    /// <summary>The secret does not exist, or the store cannot read it.</summary>
    public static DaprError SecretGet(string store, string secret, string cause) =>
        new("ERR_SECRET_GET", 500, StatusCode.Internal, $"failed getting secret with key {secret} from secret store {store}: {cause}");
}
