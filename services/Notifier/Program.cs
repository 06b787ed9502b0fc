await MLEvents.Notifier.NotifierService.Create(args).RunAsync();
