using Microsoft.AspNetCore.Builder;

namespace MLEvents.ServiceDefaults;

/// <summary>Creates the builder of a service.</summary>
public static class ServiceBuilder
{
    // ASP.NET Core watches all folders below the content root for a change of appsettings.json. A data folder there changes with each message,
    // and each change costs processor time in each service.
    private const string WithoutReload = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Creates a builder with the defaults of ASP.NET Core, except that it reads <c>appsettings.json</c> only at the start.</summary>
    /// <param name="args">Command-line arguments; they override the defaults.</param>
    public static WebApplicationBuilder Create(string[] args) => WebApplication.CreateBuilder([WithoutReload, .. args]);
}
