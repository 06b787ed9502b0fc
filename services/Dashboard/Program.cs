using MLEvents.Dashboard;
using MLEvents.Dashboard.Rebuilding;

if (RebuildCommand.IsAskedBy(args))
{
    return await RebuildCommand.RunAsync(args, Console.Out, CancellationToken.None);
}

await DashboardService.Create(args).RunAsync();
return 0;
