using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Cli.Operating;

/// <summary>Runs a command against one or more services.</summary>
internal sealed class Operation(ParseResult parsed, Terminal terminal, OperatorOptions options)
{
    /// <summary>Reads a list from each service and prints all entries. A service that fails does not stop the others.</summary>
    public async Task<int> ListAsync(Func<OperatorClient, Task<List<JsonElement>>> list, IReadOnlyList<string> columns, Func<JsonElement, IReadOnlyList<string>> row)
    {
        var (items, code) = (new List<JsonElement>(), ExitCodes.Done);
        foreach (var client in options.Clients(parsed))
        {
            using (client)
            {
                code = Math.Max(code, await TryAsync(async () => items.AddRange(await list(client))));
            }
        }

        if (parsed.GetValue(options.Json))
        {
            await terminal.Output.WriteLineAsync($"[{string.Join(",\n", items.Select(OperatorJson.Pretty))}]");
        }
        else if (items.Count > 0)
        {
            await AnswerPrinter.TableAsync(terminal, columns, items.Select(row));
        }
        else if (code == ExitCodes.Done)
        {
            await terminal.Output.WriteLineAsync("no entries");
        }

        return code;
    }

    /// <summary>
    /// Sends a request to the services one after the other. Services that do not have the item or cannot be reached are skipped. Prints the answer or the
    /// refusal of the first other service.
    /// </summary>
    public Task<int> AskAsync(HttpMethod method, string path, Func<JsonElement, string>? summarize, CancellationToken cancellationToken) =>
        AskAsync(method, path, body: null, summarize, cancellationToken);

    /// <summary>
    /// Sends a request with a body to the services one after the other. Services that do not have the item or cannot be reached are skipped. Prints the answer or the
    /// refusal of the first other service.
    /// </summary>
    public async Task<int> AskAsync(HttpMethod method, string path, JsonObject? body, Func<JsonElement, string>? summarize, CancellationToken cancellationToken)
    {
        var faults = new List<CommandFault>();
        foreach (var client in options.Clients(parsed))
        {
            using (client)
            {
                try
                {
                    var answer = await client.AskAsync(method, path, body, cancellationToken);
                    await PrintAsync(client, answer, summarize);
                    return ExitCodes.Done;
                }
                catch (CommandFault fault) when (fault.Status is 404 || fault.Code == ExitCodes.Unreachable)
                {
                    faults.Add(fault);
                }
                catch (CommandFault fault)
                {
                    // The service refused the request. The other services are not asked.
                    await terminal.Error.WriteLineAsync(fault.Message);
                    return fault.Code;
                }
            }
        }

        foreach (var fault in faults)
        {
            await terminal.Error.WriteLineAsync(fault.Message);
        }

        return faults.Select(fault => fault.Code).DefaultIfEmpty(ExitCodes.Refused).Max();
    }

    /// <summary>Runs work. A failure is printed as one line and sets the exit code.</summary>
    public async Task<int> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return ExitCodes.Done;
        }
        catch (CommandFault fault)
        {
            await terminal.Error.WriteLineAsync(fault.Message);
            return fault.Code;
        }
    }

    private async Task PrintAsync(OperatorClient client, JsonElement answer, Func<JsonElement, string>? summarize)
    {
        if (parsed.GetValue(options.Json))
        {
            await terminal.Output.WriteLineAsync(OperatorJson.Pretty(answer));
        }
        else if (summarize is not null)
        {
            await terminal.Output.WriteLineAsync(client.Read(answer, summarize));
        }
        else
        {
            await AnswerPrinter.MembersAsync(terminal.Output, answer);
        }
    }
}
