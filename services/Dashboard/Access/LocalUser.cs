using System.Net;
using System.Security.Claims;

using MLEvents.Events;
using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Access;

/// <summary>Signs in browsers on this machine without a token, in Development only.</summary>
/// <remarks>The host name of the request must be a loopback name too. Otherwise, a web page whose host name resolves to this machine could read the dashboard.</remarks>
internal static class LocalUser
{
    public const string Name = "local user";

    public static void UseLocalUser(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
        {
            return;
        }

        app.Use((context, next) =>
        {
            if (context.User.Identity is not { IsAuthenticated: true } && IsLocal(context))
            {
                context.User = new ClaimsPrincipal(OperatorIdentity.Create(Name, OperatorRoles.All));
            }

            return next(context);
        });
    }

    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && (context.Request.Host.Host == "localhost" || (IPAddress.TryParse(context.Request.Host.Host.Trim('[', ']'), out var host) && IPAddress.IsLoopback(host)));
}
