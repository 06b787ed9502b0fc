using Microsoft.Extensions.Logging;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

public sealed class FileLoggingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_has_the_time_the_level_the_category_the_message_and_the_exception()
    {
        using (var file = new FileLogging(Path.Combine(_folder.Path, "logs"), "ingress", TimeProvider.System))
        {
            Write(file, "it failed", new InvalidOperationException("why"));
        }

        var lines = File.ReadAllLines(Path.Combine(_folder.Path, "logs", "ingress.log"));
        Assert.Matches(@"^\d{4}-\d{2}-\d{2}T[\d:.+]+ Warning TestData\.Category: it failed$", lines[0]);
        Assert.Contains("why", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_owner_can_read_a_log_file_even_in_a_folder_that_others_can_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes.");
        using var file = new FileLogging(_folder.Path, "ingress", TimeProvider.System);

        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(Path.Combine(_folder.Path, "ingress.log"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
    }

    [Fact]
    public void Control_characters_of_a_message_are_replaced()
    {
        using (var file = new FileLogging(_folder.Path, "ingress", TimeProvider.System))
        {
            Write(file, "subject a\r\n2026-01-01 forged \u001b[31m\0\u0085", new InvalidOperationException("why \u001b"));
        }

        var text = File.ReadAllText(Path.Combine(_folder.Path, "ingress.log"));
        Assert.Matches(@"subject a\uFFFD\uFFFD2026-01-01 forged \uFFFD\[31m\uFFFD\uFFFD\r?\n", text);
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    public void Lines_after_Dispose_are_dropped_and_a_new_run_begins_a_new_file()
    {
        var file = new FileLogging(_folder.Path, "ingress", TimeProvider.System);
        Write(file, "first");
        file.Dispose();
        Write(file, "late");

        using (var next = new FileLogging(_folder.Path, "ingress", TimeProvider.System))
        {
            Write(next, "second");
        }

        Assert.EndsWith("second", Assert.Single(File.ReadAllLines(Path.Combine(_folder.Path, "ingress.log"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Writers_do_not_mix_their_lines()
    {
        using (var file = new FileLogging(_folder.Path, "ingress", TimeProvider.System))
        {
            Parallel.For(0, 500, number => Write(file, $"number {number} of many"));
        }

        var lines = File.ReadAllLines(Path.Combine(_folder.Path, "ingress.log"));
        Assert.Equal(500, lines.Length);
        Assert.All(lines, line => Assert.EndsWith(" of many", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_disk_does_not_fail_the_code_that_logs()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Not run: this system has no /dev/full.");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "ingress.log"), "/dev/full");
        using var file = new FileLogging(_folder.Path, "ingress", TimeProvider.System);

        var raised = Record.Exception(() => Write(file, "lost"));

        Assert.Null(raised);
    }

    [Fact]
    public void A_line_on_the_console_names_its_service()
    {
        using var stream = new MemoryStream();
        using (var console = FileLogging.To(stream, "notifier", TimeProvider.System))
        {
            Write(console, "it failed");
        }

        Assert.EndsWith($" Warning notifier TestData.Category: it failed{Environment.NewLine}", System.Text.Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    private static void Write(FileLogging file, string message, Exception? exception = null) =>
        file.CreateLogger("TestData.Category").Log(LogLevel.Warning, 0, message, exception, (text, _) => text);
}
