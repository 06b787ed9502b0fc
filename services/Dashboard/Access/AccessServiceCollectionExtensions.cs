using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Access;

/// <summary>Registers sign-in, cookies, roles and antiforgery.</summary>
internal static class AccessServiceCollectionExtensions
{
    public static void AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<SignIn>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<ProtectionKeyStore>();
        services.AddDataProtection().SetApplicationName("mlevents-dashboard");
        services.AddOptions<KeyManagementOptions>().Configure<ProtectionKeyStore>((keys, store) => keys.XmlRepository = store);

        // The name of the cookie is set before AddAntiforgery. Otherwise, AddAntiforgery makes a name from a hash of the application's name.
        services.AddOptions<Microsoft.AspNetCore.Antiforgery.AntiforgeryOptions>().Configure<IOptions<DashboardOptions>>((antiforgery, dashboard) =>
        {
            HardenedCookie.Apply(antiforgery.Cookie, "mlevents-antiforgery", dashboard.Value);
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddAntiforgery();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie().AddOpenIdSignIn(configuration);

        // The framework logs several lines for each failed callback, and anyone can send such a callback. OpenIdEvents logs the reason instead, with a rate limit.
        services.AddKeyedSingleton<RefusalLimiter>(OpenIdEvents.Failures);
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Authentication.OpenIdConnect.OpenIdConnectHandler", LogLevel.None));
        services.AddSingleton<SignedInUser>();
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme).Configure<IOptions<DashboardOptions>, SignedInUser>((cookies, dashboard, user) =>
        {
            HardenedCookie.Apply(cookies.Cookie, "mlevents-dashboard", dashboard.Value);
            cookies.LoginPath = SignIn.Path;
            cookies.AccessDeniedPath = SignIn.DeniedPath;
            cookies.ReturnUrlParameter = "returnUrl";
            cookies.ExpireTimeSpan = dashboard.Value.SignInLifetime;
            cookies.SlidingExpiration = true;
            cookies.Events.OnValidatePrincipal = user.ValidateAsync;
        });
        services.AddAuthorizationBuilder()
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().RequireRole(OperatorRoles.All).Build())
            .AddPolicy(DashboardPolicies.Operate, policy => policy.RequireRole(OperatorRoles.Operator))
            .AddPolicy(DashboardPolicies.Approve, policy => policy.RequireRole(OperatorRoles.Approver));
    }

    /// <summary>
    /// Removes a service of the framework that reads the data protection keys when the dashboard starts. The database may not be migrated or reachable at that time.
    /// Without the service, the keys are read at their first use. Call this method last, because several registrations add the service.
    /// </summary>
    public static void WithoutEarlyKeys(this IServiceCollection services)
    {
        foreach (var loader in services.Where(service => service.ImplementationType?.Name == "DataProtectionHostedService").ToList())
        {
            services.Remove(loader);
        }
    }
}

/// <summary>The authorization policies of the pages. Reading the pages requires any of the roles.</summary>
internal static class DashboardPolicies
{
    /// <summary>Allows users to retry, cancel, replay and roll back.</summary>
    public const string Operate = "dashboard-operate";

    /// <summary>Allows users to decide about approvals.</summary>
    public const string Approve = "dashboard-approve";
}
