await MLEvents.Dashboard.DashboardService.Create(args).RunAsync();
