return await MLEvents.Local.Sidecar.SidecarProgram.RunAsync(args, Console.Error);
