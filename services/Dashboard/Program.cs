using MLEvents.Dashboard;
using MLEvents.Dashboard.Rebuilding;
using MLEvents.ServiceDefaults;

if (RebuildCommand.IsRequested(args))
{
    return await RebuildCommand.RunAsync(args, Console.Out, CancellationToken.None);
}

return await ServiceProgram.RunAsync(() => DashboardService.Create(args));
