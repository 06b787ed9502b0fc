using System.CommandLine;

namespace MLEvents.Cli.Operating;

/// <summary>The options that limit a list or a rate.</summary>
internal static class Bounds
{
    private const int Default = 50;
    private const int Max = 10_000;
    private const int DefaultRate = 5;
    private const int MaxRate = 100;

    public static Option<int> Rate()
    {
        var option = new Option<int>("--rate") { Description = $"The largest number of retries per second, 1 to {MaxRate}.", DefaultValueFactory = _ => DefaultRate };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number is < 1 or > MaxRate)
            {
                result.AddError($"--rate must be 1 to {MaxRate}, not {number}.");
            }
        });
        return option;
    }

    public static Option<int> Limit()
    {
        var option = new Option<int>("--limit") { Description = $"The largest number of entries of each service, 1 to {Max}.", DefaultValueFactory = _ => Default };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number is < 1 or > Max)
            {
                result.AddError($"--limit must be 1 to {Max}, not {number}.");
            }
        });
        return option;
    }
}
