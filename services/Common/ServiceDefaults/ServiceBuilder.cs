using Microsoft.AspNetCore.Builder;

namespace MLEvents.ServiceDefaults;

/// <summary>Creates the builder of a service.</summary>
public static class ServiceBuilder
{
    // ASP.NET Core watches all folders below the content root for a change of appsettings.json. A data folder there changes with each message,
    // and each such change costs each service processor time.
    private const string WithoutReload = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Creates a builder with the defaults of ASP.NET Core, which reads <c>appsettings.json</c> at the start only.</summary>
    /// <param name="args">Command-line arguments; they override the defaults.</param>
    public static WebApplicationBuilder Create(string[] args) => WebApplication.CreateBuilder([WithoutReload, .. args]);
}
