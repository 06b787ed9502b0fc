await MLEvents.Deployer.DeployerService.Create(args).RunAsync();
