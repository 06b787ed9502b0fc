namespace MLEvents.ServiceDefaults;

/// <summary>
/// Replaces the connection between the service and the gRPC API of its sidecar. The local host registers it, because there the sidecar can be in the same process. Without it, the service
/// connects over TCP.
/// </summary>
/// <param name="create">Creates the handler that sends the calls.</param>
public sealed class SidecarTransport(Func<HttpMessageHandler> create)
{
    /// <summary>Creates the handler that sends the calls.</summary>
    public HttpMessageHandler Create() => create();
}
