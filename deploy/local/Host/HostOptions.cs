namespace MLEvents.Local.Host;

/// <summary>What the local host is asked to do.</summary>
/// <param name="Once">Stop when the scenario is over.</param>
/// <param name="PlayScenario">Play the scenario after the start.</param>
/// <param name="ReportFile">Where to write what happened as JSON; null for nowhere.</param>
/// <param name="RulesDirectory">The folder with the rule files.</param>
/// <param name="DataDirectory">The folder for the broker, the state and the logs; kept between runs.</param>
/// <param name="PortBase">The first port; see <see cref="Ports"/>.</param>
/// <param name="ComponentsDirectory">The folder with the component files of the sidecars.</param>
/// <param name="Daprd">The program of daprd, run beside each service; null for the embedded sidecar.</param>
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

    /// <summary>How to run for a real workspace; null for the simulator.</summary>
    public AzureOptions? Azure { get; init; }
}

/// <summary>How the host runs for a real workspace.</summary>
/// <param name="SettingsFile">A JSON file with settings of the services; environment variables override it. Null for none.</param>
/// <param name="ListenAddress">The address on which the ingress listens besides 127.0.0.1; all else listens on 127.0.0.1 only.</param>
internal sealed record AzureOptions(string? SettingsFile, string ListenAddress);
