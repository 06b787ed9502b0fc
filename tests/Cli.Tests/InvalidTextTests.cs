using System.Text;

using MLEvents.Cli.Tests.Rules;
using MLEvents.Cli.Tests.Sending;
using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests;

/// <summary>Event files whose JSON the parser accepts, although a string is not valid Unicode text.</summary>
public sealed class InvalidTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string, string> Strings => new()
    {
        { "s/e-1", "t/caf\u00e9" },
        { "s/e-1", "t/\\ud800" },
        { "\"x\":1", "\"x\":\"caf\u00e9\"" },
        { "\"x\":1", "\"\\udc00\":1" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Strings))]
    public async Task Rules_test_refuses_the_event_and_reports_its_position(string valid, string invalid)
    {
        var (code, output, error) = await CliRun.StartAsync("rules", "test", Sample.Rules, "--event", Write(valid, invalid));

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("events.ndjson: event 2: it contains bytes that are not UTF-8", error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Strings))]
    public async Task Rules_backtest_skips_the_event_and_reports_its_position(string valid, string invalid)
    {
        var (code, output, _) = await CliRun.StartAsync("rules", "backtest", Sample.Rules, "--events", Write(valid, invalid));

        Assert.Equal(0, code);
        Assert.Contains("events.ndjson: event 2: it contains bytes that are not UTF-8", output, StringComparison.Ordinal);
        Assert.EndsWith("1 event", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Strings))]
    public async Task Send_refuses_the_event(string valid, string invalid)
    {
        await using var receiver = await Receiver.StartAsync((_, _) => Task.CompletedTask);

        var (code, _, error) = await CliRun.StartAsync("send", Write(valid, invalid), "--to", receiver.Address, "--batch", "10");

        Assert.Equal(1, code);
        Assert.Contains("event 2: it contains bytes that are not UTF-8", error, StringComparison.Ordinal);
        Assert.Empty(receiver.Requests);
    }

    // In Latin-1, the letter é is one byte that is not valid UTF-8.
    private string Write(string valid, string invalid)
    {
        var good = Sample.Event("RunCompleted", """{"x":1}""");
        var path = Path.Combine(_folder.Path, "events.ndjson");
        File.WriteAllText(path, $"{good}\n{good.Replace(valid, invalid, StringComparison.Ordinal)}\n", Encoding.Latin1);
        return path;
    }
}
