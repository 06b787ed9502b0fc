return await MLEvents.ServiceDefaults.ServiceProgram.RunAsync(() => MLEvents.Retrainer.RetrainerService.Create(args));
