return await MLEvents.ServiceDefaults.ServiceProgram.RunAsync(() => MLEvents.Deployer.DeployerService.Create(args));
