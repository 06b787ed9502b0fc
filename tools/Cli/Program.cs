return await MLEvents.Cli.MlEventsCommand.RunAsync(args, Console.Out, Console.Error);
