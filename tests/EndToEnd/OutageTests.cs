using System.Net;
using System.Text.Json.Nodes;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

[Collection(EnvironmentGroup.Name)]
public sealed class OutageTests(RunningEnvironment environment)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("reset")]
    [InlineData("status")]
    public async Task A_mail_waits_for_the_mail_server_and_is_sent_once_although_the_event_is_redelivered(string kind)
    {
        var failed = Events.RunFailed();
        await environment.Simulator.FaultAsync(new JsonObject { ["operation"] = "Smtp", ["kind"] = kind, ["status"] = 451 }, Token);
        try
        {
            Assert.Equal(HttpStatusCode.OK, (await environment.Ingress.DeliverAsync(Token, failed)).Status);
            await Poll.UntilAsync(FaultsAsync, hits => hits > 0, Token);
            Assert.Equal(HttpStatusCode.OK, (await environment.Ingress.DeliverAsync(Token, failed)).Status);
            var before = await FaultsAsync(Token);
            await Poll.UntilAsync(FaultsAsync, hits => hits > before, Token);

            Assert.Empty(await environment.Simulator.MailsAsync(failed.Id(), Token));
        }
        finally
        {
            await environment.Simulator.EndFaultsAsync(Token);
        }

        await environment.Simulator.MailAsync(failed.Id(), Token);
        await environment.MarkAsync(Token);
        Assert.Single(await environment.Simulator.MailsAsync(failed.Id(), Token));
    }

    [Fact]
    public async Task An_event_that_Event_Grid_delivers_twice_leads_to_one_mail()
    {
        await environment.Simulator.FaultAsync(new JsonObject { ["operation"] = "EventGrid_Deliver", ["kind"] = "duplicate", ["count"] = 1 }, Token);

        var drift = await environment.Simulator.SimulateAsync("drift", new JsonObject { ["monitor"] = "sales-twice", ["coefficient"] = 0.9 }, Token);
        var id = (string?)drift["eventId"] ?? "";
        await environment.Simulator.MailAsync(id, Token);
        await environment.MarkAsync(Token);

        Assert.Single(await environment.Simulator.MailsAsync(id, Token));
    }

    private async Task<int> FaultsAsync(CancellationToken cancellationToken) =>
        (await environment.Simulator.CallsAsync("Smtp", cancellationToken)).Count(call => call["fault"] is not null);
}
