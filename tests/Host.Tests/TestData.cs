using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

/// <summary>Options, ports and a readable console for tests.</summary>
internal static class TestData
{
    public static RepositoryPaths RepositoryPaths { get; } = new(Repository.Root);

    public static HostOptions Options(string data, int portBase, string? rules = null, string? report = null, bool once = true) =>
        new(once, PlayScenario: true, report, rules ?? RepositoryPaths.Rules, data, portBase, RepositoryPaths.Components, Daprd: null);

    /// <summary>Returns a port base for a host. All ports of the host are free, and no other test uses them.</summary>
    /// <param name="length">The number of ports. The default is enough for one host.</param>
    public static int PortBase(int length = 80) => FreePort.NextRange(length);
}

/// <summary>A console whose lines a test reads.</summary>
internal sealed class ReadableConsoleWriter : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public ReadableConsoleWriter() => ConsoleWriter = new(_output, _error);

    public ConsoleWriter ConsoleWriter { get; }

    public IReadOnlyList<string> Lines => Split(_output);

    public IReadOnlyList<string> Faults => Split(_error);

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private static string[] Split(StringWriter writer) => writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
