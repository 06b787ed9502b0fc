using System.Text.Json;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

public sealed class VerifyCommandTests
{
    [Theory]
    [InlineData("--events", "0", "--events must be 1 to 100000, not 0.")]
    [InlineData("--kills", "1001", "--kills must be 0 to 1000, not 1001.")]
    [InlineData("--rollouts", "101", "--rollouts must be 0 to 100, not 101.")]
    [InlineData("--replicas", "4", "--replicas must be 1 to 3, not 4.")]
    public async Task A_number_out_of_range_is_refused_with_its_range(string option, string value, string message)
    {
        var (code, _, error) = await RunAsync(option, value);

        Assert.Equal(ExitCodes.Usage, code);
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollouts_and_storm_cannot_be_combined()
    {
        var (code, _, error) = await RunAsync("--rollouts", "3", "--storm");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.StartsWith("--rollouts and --storm cannot be combined.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_with_daprd_needs_component_files_that_name_the_Redis_server()
    {
        using var folder = new TempFolder();

        var (code, output, error) = await RunAsync("--dapr", "daprd", "--components", folder.Path, "--data", Path.Combine(folder.Path, "verify"));

        Assert.Equal((ExitCodes.Incomplete, ""), (code, output));
        Assert.Contains($"No component file in {folder.Path} has the redisHost localhost:6379.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_option_components_requires_daprd()
    {
        var (code, _, error) = await RunAsync("--components", "folder");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.StartsWith("--components can be used only with --dapr daprd.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_sidecar_is_refused()
    {
        var (code, _, error) = await RunAsync("--dapr", "dapper");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("'dapper'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_examples_and_exit_codes()
    {
        var (code, output, _) = await RunAsync("--help");

        Assert.Equal(0, code);
        Assert.Contains("dotnet run --project deploy/local/Verify -- --runs 20 --kills 30", output, StringComparison.Ordinal);
        Assert.Contains("Exit codes: 0", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, "passed")]
    [InlineData(1, 0, "FAILED; the logs are in")]
    [InlineData(1, 1, "passed")]
    public async Task The_table_shows_the_counts_and_the_verdict(int duplicates, int reported, string verdict)
    {
        using var output = new StringWriter();
        var report = new VerificationReport(7, 10, 12, 3, 30, DiskFilled: true, TimeSpan.FromSeconds(61), [new VerificationRow("mails", 10, 10, duplicates, reported)], "folder");

        await VerificationTable.WriteAsync(output, report);

        var lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("seed 7: 10 events in 12 deliveries, 3 requests repeated, 30 kills, disk filled once, 61 s", lines[0]);
        Assert.Equal(["mails", "10", "10", "0", $"{duplicates}", $"{reported}"], lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith(verdict, lines[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a process ended")]
    [InlineData("no answer in time")]
    [InlineData("connection refused")]
    [InlineData("disk")]
    public async Task A_run_that_cannot_complete_says_why(string cause)
    {
        Exception exception = cause switch
        {
            "a process ended" => new InvalidOperationException("it broke"),
            "no answer in time" => new TaskCanceledException("it broke"),
            "connection refused" => new HttpRequestException("it broke"),
            _ => new IOException("it broke"),
        };
        using StringWriter output = new(), error = new();
        var options = new VerificationOptions(7, 10, 3, TimeSpan.FromSeconds(2), 1, "folder", TimeSpan.FromMinutes(1));

        var code = await new VerificationRuns(options, 1, output, error, (_, _, _) => Task.FromException<VerificationReport>(exception)).RunAsync(json: false, TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.Incomplete, code);
        Assert.Contains("The verification stopped: it broke. The logs are in", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_reports_before_a_run_that_cannot_complete_are_printed_as_json()
    {
        using StringWriter output = new(), error = new();
        var options = new VerificationOptions(7, 10, 3, TimeSpan.FromSeconds(2), 1, "folder", TimeSpan.FromMinutes(1));
        var report = new VerificationReport(7, 10, 12, 3, 30, DiskFilled: true, TimeSpan.FromSeconds(61), [new VerificationRow("mails", 10, 10, 0, 0)], "folder");
        var runs = new VerificationRuns(options, 3, output, error, (one, _, _) => one.Seed == 7 ? Task.FromResult(report) : Task.FromException<VerificationReport>(new InvalidOperationException("it broke")));

        var code = await runs.RunAsync(json: true, TestContext.Current.CancellationToken);

        using var reports = JsonDocument.Parse(output.ToString());
        Assert.Equal(ExitCodes.Incomplete, code);
        Assert.Equal([7], reports.RootElement.EnumerateArray().Select(printed => printed.GetProperty("seed").GetInt32()));
    }

    [Theory]
    [InlineData(WorkloadKind.Actions, "seed 7: 6 events, 3 kills")]
    [InlineData(WorkloadKind.Storm, "seed 7: 6 events, 3 kills")]
    [InlineData(WorkloadKind.Rollouts, "seed 7: 6 models, 3 kills")]
    public async Task The_progress_names_the_size_of_the_workload(WorkloadKind kind, string line)
    {
        using StringWriter output = new(), error = new();
        var options = new VerificationOptions(7, 6, 3, TimeSpan.FromSeconds(2), 1, "folder", TimeSpan.FromMinutes(1)) { Kind = kind };
        var report = new VerificationReport(7, 6, 12, 3, 30, DiskFilled: true, TimeSpan.FromSeconds(61), [new VerificationRow("mails", 6, 6, 0, 0)], "folder");

        await new VerificationRuns(options, 1, output, error, (_, _, _) => Task.FromResult(report)).RunAsync(json: false, TestContext.Current.CancellationToken);

        Assert.StartsWith(line, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_fails_stops_the_others()
    {
        var stopped = false;

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => ParallelParts.RunAsync(TestContext.Current.CancellationToken, WaitAsync, _ => Task.FromException(new InvalidOperationException("it broke"))));

        Assert.Equal(("it broke", true), (fault.Message, stopped));

        async Task WaitAsync(CancellationToken stop)
        {
            try
            {
                await Never.CompletesAsync(stop);
            }
            finally
            {
                stopped = true;
            }
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        var code = await VerifyCommand.RunAsync(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
