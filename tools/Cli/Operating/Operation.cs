using System.CommandLine;
using System.Text.Json;

namespace MLEvents.Cli.Operating;

/// <summary>One run of a command against one or more services.</summary>
internal sealed class Operation(ParseResult parsed, OperatorOptions options)
{
    private TextWriter Output => parsed.InvocationConfiguration.Output;

    private TextWriter Error => parsed.InvocationConfiguration.Error;

    /// <summary>Does something with each service and prints what each list came to; one that fails keeps the others from nothing.</summary>
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
            await Output.WriteLineAsync($"[{string.Join(",\n", items.Select(OperatorJson.Pretty))}]");
        }
        else if (items.Count > 0)
        {
            await Printing.TableAsync(Output, columns, [.. items.Select(row)]);
        }
        else if (code == ExitCodes.Done)
        {
            await Output.WriteLineAsync("nothing");
        }

        return code;
    }

    /// <summary>Asks the services for one thing until one has it, and prints the answer.</summary>
    public async Task<int> AskAsync(HttpMethod method, string path, Func<JsonElement, string>? inShort, CancellationToken cancellationToken)
    {
        var refusals = new List<OperatorException>();
        foreach (var client in options.Clients(parsed))
        {
            using (client)
            {
                try
                {
                    var answer = await client.AskAsync(method, path, cancellationToken);
                    await PrintAsync(answer, inShort);
                    return ExitCodes.Done;
                }
                catch (OperatorException refusal) when (refusal.Status is 404 || refusal.ExitCode == ExitCodes.Unreachable)
                {
                    refusals.Add(refusal);
                }
                catch (OperatorException refusal)
                {
                    // It is this service's, and it said no.
                    await Error.WriteLineAsync(refusal.Message);
                    return refusal.ExitCode;
                }
            }
        }

        foreach (var refusal in refusals)
        {
            await Error.WriteLineAsync(refusal.Message);
        }

        return refusals.Select(refusal => refusal.ExitCode).DefaultIfEmpty(ExitCodes.Refused).Max();
    }

    /// <summary>Does something, and says in one line why it could not be done.</summary>
    public async Task<int> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return ExitCodes.Done;
        }
        catch (OperatorException refusal)
        {
            await Error.WriteLineAsync(refusal.Message);
            return refusal.ExitCode;
        }
    }

    private async Task PrintAsync(JsonElement answer, Func<JsonElement, string>? inShort)
    {
        if (parsed.GetValue(options.Json))
        {
            await Output.WriteLineAsync(OperatorJson.Pretty(answer));
        }
        else if (inShort is not null)
        {
            await Output.WriteLineAsync(inShort(answer));
        }
        else
        {
            await Printing.MembersAsync(Output, answer);
        }
    }
}
