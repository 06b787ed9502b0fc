namespace MLEvents.Local.Host;

/// <summary>The options of the local host.</summary>
/// <param name="Once">Whether the host stops after the scenario.</param>
/// <param name="PlayScenario">Whether the host plays the scenario after the start.</param>
/// <param name="ReportFile">The JSON file for the result of the scenario; null for none.</param>
/// <param name="RulesDirectory">The folder with the rule files.</param>
/// <param name="DataDirectory">The folder for the broker, the state and the logs. Later runs continue with its content.</param>
/// <param name="PortBase">The first port; see <see cref="Ports"/>.</param>
/// <param name="ComponentsDirectory">The folder with the component files of the sidecars.</param>
/// <param name="Daprd">The path of daprd, or its name in PATH. Each service has its own daprd process. Null for the embedded sidecar.</param>
internal sealed record HostOptions(
    bool Once,
    bool PlayScenario,
    string? ReportFile,
    string RulesDirectory,
    string DataDirectory,
    int PortBase,
    string ComponentsDirectory,
    string? Daprd)
{
    /// <summary>The scenario to play.</summary>
    public ScenarioPlan Scenario { get; init; } = ScenarioPlan.Loop;

    /// <summary>The options for a real workspace; null for the simulator.</summary>
    public AzureOptions? Azure { get; init; }
}

/// <summary>The options for a real workspace.</summary>
/// <param name="SettingsFile">A JSON file with settings of the services. Environment variables override it. Null for none.</param>
/// <param name="ListenAddress">An additional address on which the ingress listens; 127.0.0.1 for none. The other services listen on 127.0.0.1 only.</param>
internal sealed record AzureOptions(string? SettingsFile, string ListenAddress);
