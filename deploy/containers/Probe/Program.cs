using MLEvents.Containers.Probe;

return await HealthProbe.RunAsync(args, Console.Error);
