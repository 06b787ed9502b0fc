await MLEvents.Retrainer.RetrainerService.Create(args).RunAsync();
