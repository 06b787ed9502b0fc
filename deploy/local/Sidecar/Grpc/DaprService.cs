using MLEvents.Local.Sidecar.Api;
using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.Runtime;
using MLEvents.Local.Sidecar.Secrets;

namespace MLEvents.Local.Sidecar.Grpc;

/// <summary>The gRPC service <c>dapr.proto.runtime.v1.Dapr</c>. Each building block has its own file of this class.</summary>
internal sealed partial class DaprService(AppRuntime runtime, MessagePublisher publisher, SecretsAccess secrets, SidecarMetadata metadata)
{
    /// <summary>Adds the supported methods to the table.</summary>
    public static void Bind(DaprMethodTable methods)
    {
        BindPubSub(methods);
        BindState(methods);
        BindBindings(methods);
        BindSecrets(methods);
        BindMetadata(methods);
    }
}
