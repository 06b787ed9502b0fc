return await MLEvents.ServiceDefaults.ServiceProgram.RunAsync(() => MLEvents.Notifier.NotifierService.Create(args));
