using System.Text.Json;

namespace MLEvents.Local.Sidecar.Tests.Program;

/// <summary>Tests that kill and start sidecar processes. A message is not lost if its publication was confirmed.</summary>
public sealed class KillTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskCompletionSource _release = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Messages_published_and_in_flight_at_a_kill_are_delivered_after_the_restart()
    {
        const int Count = 50;
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
        app.Answer = async (_, aborted) =>
        {
            await _release.Task.WaitAsync(aborted);
            return (200, "");
        };
        using (var first = await SidecarProcess.StartAsync(Arguments(app)))
        {
            for (var number = 0; number < Count; number++)
            {
                using var answer = await first.Http.PostAsync(new Uri("/v1.0/publish/rps/t", UriKind.Relative), Body(number), TestContext.Current.CancellationToken);
                Assert.Equal(204, (int)answer.StatusCode);
            }

            await app.WaitForAsync(10);
            await first.KillAsync();
        }

        var before = app.Deliveries.Count;
        _release.SetResult();
        using var second = await SidecarProcess.StartAsync(Arguments(app));

        await app.WaitForAsync(before + Count);
        Assert.Equal(Enumerable.Range(0, Count), app.Deliveries.Skip(before).Select(Number).Order());
        Assert.Equal(0, await second.TerminateAsync());
    }

    [Fact]
    public async Task A_process_that_cannot_start_says_why_on_one_line_and_exits_with_1()
    {
        var (exitCode, error) = await SidecarProcess.RunAsync("--app-id x --resources-path /nowhere");

        Assert.Equal(1, exitCode);
        Assert.Equal("error: the resources path '/nowhere' does not exist; create it or correct --resources-path", error.TrimEnd());
    }

    [Fact]
    public async Task A_process_that_cannot_listen_names_the_address_and_the_flag_of_the_port()
    {
        var resources = _folder.Write("resources.yaml", Yaml.Brokers());

        // This address is reserved for documentation, so no machine has it.
        var (exitCode, error) = await SidecarProcess.RunAsync($"--app-id x --dapr-listen-addresses 192.0.2.1 --dapr-http-port 3500 --resources-path {resources} --data-dir {_folder.Path}");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("error: cannot listen on 192.0.2.1:3500 (--dapr-http-port): ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_start_of_a_process_does_not_release_the_leases_of_a_running_process()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
        app.Answer = async (call, aborted) =>
        {
            await (Number(call) == 1 ? _release.Task.WaitAsync(aborted) : Task.CompletedTask);
            return (200, "");
        };
        using var first = await SidecarProcess.StartAsync(Arguments(app));
        await PublishAsync(first, 1);
        await app.WaitForAsync(1);

        using var second = await SidecarProcess.StartAsync(Arguments(app));
        await app.WaitForSubscribersAsync(2);
        for (var number = 2; number < 30; number++)
        {
            await PublishAsync(second, number);
        }

        await app.WaitForAsync(call => Number(call) > 1, 28);
        _release.SetResult();

        Assert.Single(app.Deliveries, call => Number(call) == 1);
    }

    private static async Task PublishAsync(SidecarProcess sidecar, int number)
    {
        using var answer = await sidecar.Http.PostAsync(new Uri("/v1.0/publish/rps/t", UriKind.Relative), Body(number), TestContext.Current.CancellationToken);
        Assert.Equal(204, (int)answer.StatusCode);
    }

    private static StringContent Body(int number) => new($$"""{"number":{{number}}}""", null, "application/json");

    private static int Number(Call call)
    {
        using var envelope = JsonDocument.Parse(call.Body);
        return envelope.RootElement.GetProperty("data").GetProperty("number").GetInt32();
    }

    private string Arguments(FakeApp app)
    {
        var resources = _folder.Write("resources.yaml", Yaml.Brokers());
        return $"--app-id rec-app --app-port {app.Port} --dapr-http-port 0 --dapr-grpc-port 0 --resources-path {resources} --data-dir {_folder.Path}";
    }
}
