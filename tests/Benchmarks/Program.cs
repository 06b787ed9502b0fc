return await MLEvents.Benchmarks.BenchmarkCommand.Create(Console.Out).Parse(args).InvokeAsync();
