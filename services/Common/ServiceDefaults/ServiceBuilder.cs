using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace MLEvents.ServiceDefaults;

/// <summary>Creates the builder of a service.</summary>
public static class ServiceBuilder
{
    // ASP.NET Core watches all folders below the content root for a change of appsettings.json. A data folder there changes with each message,
    // and each change costs processor time in each service.
    private const string WithoutReload = "--hostBuilder:reloadConfigOnChange=false";

    private const string ConsoleFormatter = "Logging:Console:FormatterName";

    /// <summary>Creates a builder with the defaults of ASP.NET Core, except that it reads <c>appsettings.json</c> only at the start and does not load IIS, HTTP/3 and static web assets.</summary>
    /// <remarks>The slim builder saves 5 MiB for each service. It leaves out HTTPS and the choice of a console formatter, which this method adds again.</remarks>
    /// <param name="args">Command-line arguments; they override the defaults.</param>
    public static WebApplicationBuilder Create(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder([WithoutReload, .. args]);
        builder.WebHost.UseKestrelHttpsConfiguration();
        // By default, Kestrel waits with an empty read before each read, so that idle connections need no buffer. A service has few connections, and the empty read costs a system call.
        builder.Services.Configure<SocketTransportOptions>(transport => transport.WaitForDataBeforeAllocatingBuffer = false);
        builder.Logging.AddConsole();
        builder.Services.AddOptions<ConsoleLoggerOptions>().Configure<IConfiguration>((console, configuration) => console.FormatterName = configuration[ConsoleFormatter] ?? console.FormatterName);
        return builder;
    }
}
