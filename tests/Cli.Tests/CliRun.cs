namespace MLEvents.Cli.Tests;

/// <summary>One run of <c>mlevents</c> and its output.</summary>
internal sealed record CliRun(int Code, string Output, string Error)
{
    public static async Task<CliRun> StartAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        var code = await MlEventsCommand.RunAsync(args, output, error);
        return new(code, output.ToString(), error.ToString());
    }
}
