using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.DataFactory;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.Messages;
using MLEvents.Local.Simulator.Storage;
using MLEvents.Tests.Common;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class DataFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string DataFile => Path.Combine(_folder.Path, "simulator.journal");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("[[\"resource/x\",{\"Id\":\"x\",\"Reso")]
    [InlineData("[")]
    [InlineData("[[\"resource/x\"]]")]
    public async Task An_incomplete_last_line_is_ignored(string torn)
    {
        await FillAsync();
        await File.AppendAllTextAsync(DataFile, torn, TestContext.Current.CancellationToken);

        await FillAsync();
        await using var again = await StartAsync(("DataFile", DataFile));

        Assert.Equal(2, (await again.ReadAsync("/state"))["models"]?.AsArray().Count);
    }

    [Fact]
    public async Task A_leftover_file_of_a_killed_start_is_ignored()
    {
        await FillAsync();
        await File.WriteAllTextAsync(DataFile + ".new", "[[", TestContext.Current.CancellationToken);

        await using var again = await StartAsync(("DataFile", DataFile));

        Assert.Single((await again.ReadAsync("/state"))["models"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task A_start_removes_obsolete_values_from_the_file()
    {
        await using (var simulator = await StartAsync(("DataFile", DataFile)))
        {
            await simulator.PostAsync("/hooks/teams", new string('x', 50_000));
            await simulator.DeleteAsync("/inbox");
        }

        var before = new FileInfo(DataFile).Length;
        await using (await StartAsync(("DataFile", DataFile)))
        {
            Assert.True(before > 50_000);
            Assert.True(new FileInfo(DataFile).Length < 50_000);
        }
    }

    [Fact]
    public async Task A_line_contains_the_changes_that_were_made_together()
    {
        using (var journal = new Journal(Options.Create(new SimulatorOptions { DataFile = DataFile })))
        {
            journal.Commit(() =>
            {
                journal.Put("hook", "7", new WebhookCall(7, "teams", new Dictionary<string, string> { ["Accept"] = "*/*" }, "<é>", DateTimeOffset.UnixEpoch));
                journal.Put("factory-run", "k", new StoredTask<FactoryRunner.FactoryWork>("k", new("id", Fails: true)));
                journal.Remove("hook", "6");
            });
        }

        var line = Assert.Single(await File.ReadAllLinesAsync(DataFile, TestContext.Current.CancellationToken));

        Assert.Equal(
            """[["hook/7",{"Id":7,"Name":"teams","Headers":{"Accept":"*/*"},"Body":"\u003C\u00E9\u003E","ReceivedAt":"1970-01-01T00:00:00+00:00"}],"""
                + """["factory-run/k",{"Key":"k","State":{"Id":"id","Fails":true}}],["hook/6",null]]""",
            line);
    }

    [Fact]
    public async Task Members_that_the_file_does_not_contain_have_their_defaults()
    {
        await File.WriteAllTextAsync(
            DataFile,
            """[["delivery/a",{"EventId":"e","Body":"{}","Bytes":2,"DataVersion":"1","Published":"2026-01-01T00:00:00+00:00"}],["operation/o",{"Id":"o","StatusPath":"/o","Started":"2026-01-01T00:00:00+00:00"}]]""",
            TestContext.Current.CancellationToken);
        using var journal = new Journal(Options.Create(new SimulatorOptions { DataFile = DataFile }));

        var delivery = Assert.Single(journal.Restored<Delivery>("delivery"));
        var operation = Assert.Single(journal.Restored<LongOperation>("operation"));

        Assert.Equal(("", 32, 0), (delivery.Subscription, delivery.Key.Length, delivery.Attempts));
        Assert.Equal((null, null, false), (operation.EndedAt, operation.ErrorCode, operation.Canceled));
    }

    [Fact]
    public void A_type_without_a_contract_cannot_be_stored()
    {
        using var journal = new Journal(Options.Create(new SimulatorOptions { DataFile = DataFile }));

        var refusal = Assert.Throws<InvalidOperationException>(() => journal.Put("kind", "id", new Version(1, 0)));

        Assert.Equal("JournalJson has no contract for System.Version.", refusal.Message);
    }

    [Fact]
    public async Task A_missing_folder_stops_the_start_with_a_message_that_says_what_to_do()
    {
        var message = await RefusalAsync(Path.Combine(_folder.Path, "nowhere", "simulator.journal"));

        Assert.StartsWith("error: Simulator:DataFile is '", message, StringComparison.Ordinal);
        Assert.Contains("whose folder does not exist. Create the folder", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_another_format_stops_the_start_and_is_not_changed()
    {
        var file = _folder.Write("notes.txt", "first\nsecond\n");

        var message = await RefusalAsync(file);

        Assert.Contains("Line 1 is damaged. Name another file, or delete this file", message, StringComparison.Ordinal);
        Assert.Equal("first\nsecond\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_another_simulator_uses_stops_the_start()
    {
        await using var first = await StartAsync(("DataFile", DataFile));

        var message = await RefusalAsync(DataFile);

        Assert.Contains("Two simulators cannot share a file", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_that_cannot_write_its_new_file_closes_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Not run: only Linux has /dev/full and /proc/self/fd.");
        await FillAsync();

        Assert.Throws<IOException>(OpenOnFullDisk);

        Assert.DoesNotContain("/dev/full", Directory.GetFiles("/proc/self/fd").Select(descriptor => new FileInfo(descriptor).LinkTarget));
    }

    [Fact]
    public void After_a_failed_write_no_action_runs_and_further_changes_are_refused()
    {
        using var journal = OpenOnFullDisk();
        var ran = new List<string>();

        var failure = Assert.Throws<IOException>(() => journal.Commit(() =>
        {
            journal.Put("kind", "id", "value");
            journal.OnCommitted(() => ran.Add("not written"));
        }));
        var refusal = Assert.Throws<IOException>(() => journal.OnCommitted(() => ran.Add("later")));

        Assert.Empty(ran);
        Assert.StartsWith("Simulator:DataFile cannot be written (", failure.Message, StringComparison.Ordinal);
        Assert.Equal(failure.Message, refusal.Message);
    }

    [Fact]
    public async Task The_program_stops_after_a_failed_write()
    {
        using var journal = OpenOnFullDisk();
        var failure = Assert.Throws<IOException>(() => journal.Put("kind", "id", "value"));
        await using var app = SimulatorService.Create(["--urls", "http://127.0.0.1:0", "--Simulator:SmtpPort", "0", "--Logging:LogLevel:Default", "None"]);

        var reported = await Assert.ThrowsAsync<IOException>(
            () => SimulatorProgram.RunUntilStoppedAsync(app, journal).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.Same(failure, reported);
    }

    [Fact]
    public async Task Counts_are_complete_and_grouped_by_action()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Workspace + "/jobs/a", Tagged("one"));
        await simulator.PutAsync(Workspace + "/jobs/b", Tagged("one"));
        await simulator.PutAsync(Workspace + "/jobs/c", Bodies.Job);
        await simulator.PostAsync(Factory + "/pipelines/retrain/createRun", """{"mlevents_action":"two"}""");
        await SmtpTests.SendAsync(simulator, header: ("x-mlevents-action", "three"));
        await SmtpTests.SendAsync(simulator);
        await simulator.PostAsync("/hooks/teams");
        await simulator.PostAsync("/hooks/teams");

        var counts = await simulator.ReadAsync("/counts");

        Assert.Equal((3, 1, 2, 2, 0), (Number(counts, "jobs"), Number(counts, "factoryRuns"), Number(counts, "mails"), Number(counts, "hooks"), Number(counts, "mailsDropped")));
        Assert.Equal("""[{"action":"one","names":["a","b"]}]""", counts["jobsByAction"]?.ToJsonString());
        Assert.Equal("two", (string?)Assert.Single(counts["factoryRunsByAction"]?.AsArray() ?? [])?["action"]);
        Assert.Equal("""[{"action":"three","count":1}]""", counts["mailsByAction"]?.ToJsonString());
        Assert.Equal("""[{"name":"teams","count":2}]""", counts["hooksByName"]?.ToJsonString());
    }

    [Fact]
    public async Task Deployments_are_counted_by_the_tag_that_the_options_name()
    {
        await using var simulator = await StartAsync(("ActionTag", "mlevents.correlation"));
        await simulator.PutAsync(Workspace + "/onlineEndpoints/churn", Bodies.Endpoint);
        await simulator.PutAsync(Workspace + "/onlineEndpoints/churn/deployments/blue", Bodies.Deployment());

        var counts = await simulator.ReadAsync("/counts");

        Assert.Equal("""[{"action":"c-1","names":["churn/blue"]}]""", counts["deploymentsByAction"]?.ToJsonString());
    }

    [Fact]
    public async Task The_inbox_can_be_read_from_a_position()
    {
        await using var simulator = await StartAsync();
        await simulator.PostAsync("/hooks/first");
        var first = (await simulator.ReadAsync("/inbox"))["hooks"]?[0];
        await simulator.PostAsync("/hooks/second");

        var later = await simulator.ReadAsync($"/inbox?after={(long?)first?["id"]}");

        Assert.Equal("second", (string?)Assert.Single(later["hooks"]?.AsArray() ?? [])?["name"]);
    }

    private Journal OpenOnFullDisk()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Not run: this system has no /dev/full.");

        // The start writes the new file through this link and then renames the link.
        File.CreateSymbolicLink(DataFile + ".new", "/dev/full");
        return new Journal(Options.Create(new SimulatorOptions { DataFile = DataFile }));
    }

    private static int? Number(JsonNode counts, string name) => (int?)counts[name];

    private static string Tagged(string action) =>
        new JsonObject { ["properties"] = new JsonObject { ["jobType"] = "Pipeline", ["tags"] = new JsonObject { ["mlevents.action"] = action } } }.ToJsonString();

    private static async Task<string> RefusalAsync(string file)
    {
        await using var error = new StringWriter();

        var exitCode = await SimulatorProgram.RunAsync(
            ["--urls", "http://127.0.0.1:0", "--Simulator:SmtpPort", "0", "--Simulator:DataFile", file, "--Logging:LogLevel:Default", "None"], error);

        Assert.Equal(1, exitCode);
        return Assert.Single(error.ToString().TrimEnd().Split('\n'));
    }

    private async Task FillAsync()
    {
        await using var simulator = await StartAsync(("DataFile", DataFile));
        await simulator.PostAsync("/simulate/model", """{"name":"churn"}""");
    }
}
