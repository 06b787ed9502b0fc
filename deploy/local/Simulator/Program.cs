return await MLEvents.Local.Simulator.SimulatorProgram.RunAsync(args, Console.Error);
