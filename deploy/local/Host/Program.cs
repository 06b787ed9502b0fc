return await MLEvents.Local.Host.HostCommand.RunAsync(args, Console.Out, Console.Error);
