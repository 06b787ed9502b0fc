using System.Globalization;

namespace MLEvents.Local.Host;

/// <summary>Starts the environment, plays the scenario and stops the environment.</summary>
internal sealed class LocalHost(HostOptions options, ConsoleWriter console)
{
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        try
        {
            return await StartAndPlayAsync(stop);
        }
        catch (Exception exception) when (stop.IsCancellationRequested && exception is OperationCanceledException or StartException or HttpRequestException)
        {
            console.Line("stopped");
            return options.Once ? ExitCodes.NotCompleted : ExitCodes.Completed;
        }
        catch (StartException exception)
        {
            console.Fault(exception.Message);
            return ExitCodes.NotStarted;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            console.Fault($"The scenario {options.Scenario.Name} did not complete: a request to the simulator or a service failed ({exception.Message.ReplaceLineEndings(" ")}). {Logs}");
            return ExitCodes.NotCompleted;
        }
    }

    private string Logs => $"The logs are in {Path.Combine(options.DataDirectory, "logs")}.";

    private async Task<int> StartAndPlayAsync(CancellationToken stop)
    {
        var ports = new Ports(options.PortBase);
        Preflight.Check(options, ports);
        using var folder = DataFolder.Claim(options.DataDirectory);
        await using var environment = new LocalEnvironment(options, ports);
        Announce(ports);
        await environment.StartAsync(stop);
        var exitCode = options.PlayScenario ? await PlayAsync(environment, ports, stop) : ExitCodes.Completed;
        if (!options.Once)
        {
            ShowNextSteps(ports);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            console.Line("stopping");
        }

        return exitCode;
    }

    private async Task<int> PlayAsync(LocalEnvironment environment, Ports ports, CancellationToken stop)
    {
        var outcome = options.Scenario == ScenarioPlan.Storm ? await PlayStormAsync(environment, ports, stop) : await PlayStepsAsync(environment, ports, stop);
        var exitCode = Conclude(outcome);
        try
        {
            await Report.WriteAsync(options.ReportFile, outcome, ports.All(options.Daprd is not null), stop);
            return exitCode;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            console.Fault($"The report could not be written: {exception.Message}");
            return ExitCodes.NotCompleted;
        }
    }

    private async Task<ScenarioOutcome> PlayStormAsync(LocalEnvironment environment, Ports ports, CancellationToken stop)
    {
        using var storm = new DriftStorm(environment.Simulator, new Uri($"http://127.0.0.1:{ports.For(ServiceId.Retrainer)}"), console, TimeProvider.System);
        return await storm.PlayAsync(stop);
    }

    private async Task<ScenarioOutcome> PlayStepsAsync(LocalEnvironment environment, Ports ports, CancellationToken stop)
    {
        using var approver = new ScenarioApprover(new Uri($"http://127.0.0.1:{ports.For(ServiceId.Deployer)}"), console, decides: options.Once);
        var scenario = new Scenario(environment.Simulator, console, TimeProvider.System, options.Scenario)
        {
            Limit = options.Once ? options.Scenario.Limit : options.Scenario.LimitWithPeople ?? options.Scenario.Limit,
            AfterStepAsync = approver.ShowAsync,
        };
        return await scenario.PlayAsync(stop);
    }

    private int Conclude(ScenarioOutcome outcome)
    {
        if (outcome.IsComplete)
        {
            console.Line(string.Create(CultureInfo.InvariantCulture, $"scenario {options.Scenario.Name} completed in {outcome.Elapsed.TotalSeconds:F1} s"));
            return ExitCodes.Completed;
        }

        console.Fault($"The scenario {options.Scenario.Name} did not complete: no '{outcome.Missing[0]}' within {outcome.Limit.TotalSeconds:F0} s. {Logs}");
        return ExitCodes.NotCompleted;
    }

    private void Announce(Ports ports)
    {
        console.Line(string.Create(CultureInfo.InvariantCulture, $"starting, in process {Environment.ProcessId}:"));
        foreach (var service in Enum.GetValues<ServiceId>())
        {
            console.Line($"  {service.AppId(),-10} http://127.0.0.1:{ports.For(service)}   sidecar http://127.0.0.1:{ports.SidecarHttp(service)}, gRPC {ports.SidecarGrpc(service)}");
        }

        if (options.Azure is { } azure)
        {
            console.Line($"  webhook    {AzureSettings.Urls(ServiceId.Ingress, ports, azure).Split(';')[^1]}/events, for a proxy with TLS");
        }
        else
        {
            console.Line($"  simulator  http://127.0.0.1:{ports.Simulator}   Azure Resource Manager, Event Grid, inbox; mail server on {ports.Smtp}");
        }

        console.Line($"  rules      {options.RulesDirectory}");
        if (options.Daprd is { } daprd)
        {
            console.Line($"  daprd      {daprd}, with {options.ComponentsDirectory}");
        }

        console.Line($"  {(options.Azure is null ? "data, logs" : "data      ")} {options.DataDirectory}");
        console.Line();
    }

    private void ShowNextSteps(Ports ports)
    {
        if (options.Azure is not null)
        {
            console.Line("ready");
            return;
        }

        var simulator = $"http://127.0.0.1:{ports.Simulator}";
        console.Line();
        console.Line("next steps:");
        console.Line($"  events, actions and chains     http://127.0.0.1:{ports.For(ServiceId.Dashboard)}");
        console.Line($"  mails and webhooks received    curl {simulator}/inbox");
        console.Line($"  jobs, models, endpoints        curl {simulator}/state");
        console.Line($"  another drift event            curl -X POST {simulator}/simulate/drift");
        console.Line($"  an event of your own           curl -H 'content-type: application/json' -d @event.json 'http://127.0.0.1:{ports.For(ServiceId.Ingress)}/events?code={Ingress.IngressOptions.LocalKey}'");
        console.Line("Ctrl-C stops everything.");
    }
}
