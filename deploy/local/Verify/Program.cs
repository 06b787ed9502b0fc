return await MLEvents.Local.Verify.VerifyCommand.RunAsync(args, Console.Out, Console.Error);
