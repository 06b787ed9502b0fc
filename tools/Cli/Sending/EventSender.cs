using System.Text.Json;

using MLEvents.Cli.Rules;

namespace MLEvents.Cli.Sending;

/// <summary>Sends the events of files in batches. A batch contains either CloudEvents or events in Event Grid's schema.</summary>
internal sealed class EventSender(Webhook webhook, Terminal terminal, int batchSize, bool handshake)
{
    private int _sent;
    private int _requests;

    public async Task<int> RunAsync(IReadOnlyList<FileInfo> files, CancellationToken cancellationToken)
    {
        var batch = new List<JsonElement>();
        foreach (var file in files)
        {
            await foreach (var found in EventFile.ReadAsync(file, cancellationToken: cancellationToken))
            {
                var json = found.Json ?? throw new CommandFault(ExitCodes.Refused, found.Error);
                if (batch.Count == batchSize || (batch.Count > 0 && Webhook.IsCloudEvent(batch[0]) != Webhook.IsCloudEvent(json)))
                {
                    await SendAsync(batch, cancellationToken);
                }

                batch.Add(json);
            }
        }

        if (batch.Count > 0)
        {
            await SendAsync(batch, cancellationToken);
        }

        await terminal.Output.WriteLineAsync($"{_sent} {(_sent == 1 ? "event" : "events")} sent in {_requests} {(_requests == 1 ? "request" : "requests")}");
        return _sent > 0 ? ExitCodes.Done : throw new CommandFault(ExitCodes.Refused, files.Count == 1 ? $"No event found in {files[0].FullName}." : $"No event found in {files.Count} files; the first is {files[0].FullName}.");
    }

    private async Task SendAsync(List<JsonElement> batch, CancellationToken cancellationToken)
    {
        if (handshake && _requests == 0)
        {
            await webhook.ValidateEndpointAsync(Webhook.IsCloudEvent(batch[0]), cancellationToken);
            await terminal.Output.WriteLineAsync("the webhook passed the validation handshake");
        }

        await webhook.DeliverAsync(batch, cancellationToken);
        (_sent, _requests) = (_sent + batch.Count, _requests + 1);
        batch.Clear();
    }
}
