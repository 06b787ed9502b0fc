using System.CommandLine;

namespace MLEvents.Cli.Operating;

/// <summary>The option that bounds a list.</summary>
internal static class Bounds
{
    private const int Usual = 50;
    private const int Most = 10_000;

    public static Option<int> Limit()
    {
        var option = new Option<int>("--limit") { Description = $"How many at most, of each service; 1 to {Most}.", DefaultValueFactory = _ => Usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number is < 1 or > Most)
            {
                result.AddError($"--limit must be 1 to {Most}.");
            }
        });
        return option;
    }
}
