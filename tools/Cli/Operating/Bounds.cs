using System.CommandLine;

namespace MLEvents.Cli.Operating;

/// <summary>The options that limit a list or a rate.</summary>
internal static class Bounds
{
    private const int Usual = 50;
    private const int Max = 10_000;
    private const int UsualRate = 5;
    private const int Fastest = 100;

    public static Option<int> Rate()
    {
        var option = new Option<int>("--rate") { Description = $"The largest number of retries per second, 1 to {Fastest}.", DefaultValueFactory = _ => UsualRate };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number is < 1 or > Fastest)
            {
                result.AddError($"--rate must be 1 to {Fastest}, not {number}.");
            }
        });
        return option;
    }

    public static Option<int> Limit()
    {
        var option = new Option<int>("--limit") { Description = $"The largest number of entries of each service, 1 to {Max}.", DefaultValueFactory = _ => Usual };
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
