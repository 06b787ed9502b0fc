using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MLEvents.ServiceDefaults;

/// <summary>Restricts routes to the Dapr sidecar.</summary>
public static class SidecarAccess
{
    /// <summary>Refuses requests that do not come from the Dapr sidecar, by host name, browser headers, token and content type.</summary>
    /// <typeparam name="TBuilder">A route or a group of routes.</typeparam>
    /// <param name="routes">The routes.</param>
    public static TBuilder RequireSidecar<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder =>
        routes.AddEndpointFilter<TBuilder, SidecarTokenFilter>();
}
