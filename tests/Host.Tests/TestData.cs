using System.Net;
using System.Net.Sockets;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

/// <summary>Options, free ports and a readable console for tests.</summary>
internal static class TestData
{
    public static RepositoryPaths RepositoryPaths { get; } = new(Repository.Root);

    public static HostOptions Options(string data, int portBase, string? rules = null, string? report = null, bool once = true) =>
        new(once, PlayScenario: true, report, rules ?? RepositoryPaths.Rules, data, portBase, RepositoryPaths.Components, Daprd: null);

    /// <summary>Returns a port base for a host. All ports of the host are free, and the system does not assign them to other programs.</summary>
    public static int PortBase()
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var candidate = Random.Shared.Next(11_000, 30_000);
            if (new Ports(candidate).All(daprd: true).All(port => IsFree(port.Port)))
            {
                return candidate;
            }
        }

        throw new InvalidOperationException("Each of 100 port ranges has a listener; stop some of the programs that listen.");
    }

    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
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
