using System.CommandLine;

using MLEvents.Cli.Rules;

namespace MLEvents.Cli.Sending;

/// <summary><c>mlevents send</c>: posts events as Event Grid does.</summary>
internal static class SendCommand
{
    private const string Description = """
        Posts the events of a file to a webhook as Event Grid does: with the same headers, batches and content types. The events keep their schema.
        --handshake first validates the webhook, as Event Grid does when a subscription is created.

        Examples:
          mlevents send drift.json --to http://localhost:5100/events --key local-development-key
          mlevents send archive.ndjson --to https://ingress.example.com/events --key $KEY --batch 50 --handshake

        Exit codes: 0 all events were accepted; 1 the webhook refused a request, or the files contain no event or an invalid event; 3 the webhook is not reachable, or a file cannot be read.
        """;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A file with a JSON event, an array, or one event on each line; or a folder of such files." };
        var to = new Option<Uri>("--to") { Description = "The webhook's address.", Required = true, HelpName = "URL", CustomParser = Address };
        var key = new Option<string?>("--key") { Description = "The webhook's key, sent in the header x-webhook-key. Set MLEVENTS_WEBHOOK_KEY instead to keep the key out of the process list." };
        var batch = new Option<int>("--batch") { Description = "The largest number of events in a request, 1 to 5000.", HelpName = "N", DefaultValueFactory = _ => 1 };
        batch.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 5000)
            {
                result.AddError("--batch must be 1 to 5000.");
            }
        });
        var insecure = PlainHttp.CreateOption();
        var handshake = new Option<bool>("--handshake") { Description = "Validate the webhook first." };
        return new Command("send", Description) { file, to, key, batch, handshake, insecure }.Does(async (parsed, terminal, cancellationToken) =>
        {
            var (address, secret) = (parsed.GetRequiredValue(to), parsed.GetValue(key) ?? Environment.GetEnvironmentVariable("MLEVENTS_WEBHOOK_KEY"));
            PlainHttp.Check(address, secret is not null || address.Query.Contains("code=", StringComparison.OrdinalIgnoreCase) ? "the webhook's key" : null, parsed.GetValue(insecure));
            var files = EventFile.FilesOf(parsed.GetRequiredValue(file));
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Webhook.Timeout };
            var webhook = new Webhook(http, address, secret);
            return await new EventSender(webhook, terminal, parsed.GetValue(batch), parsed.GetValue(handshake)).RunAsync(files, cancellationToken);
        });
    }

    private static Uri? Address(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        result.AddError($"--to must be an http or https address, not '{text}'.");
        return null;
    }
}
