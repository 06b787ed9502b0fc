namespace MLEvents.Cli.Running;

/// <summary>Where a command writes, and whether a person watches.</summary>
/// <param name="Output">What the command is for.</param>
/// <param name="Error">What went wrong, and progress.</param>
/// <param name="Colours">Whether the output takes colours: a terminal, and NO_COLOR is not set (https://no-color.org).</param>
/// <param name="Progress">Whether a progress bar can be drawn on <paramref name="Error"/>.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error, bool Colours = false, bool Progress = false)
{
    /// <summary>The terminal of a run; redirected output, as in scripts and tests, gets neither colours nor a progress bar.</summary>
    public static Terminal For(TextWriter output, TextWriter error) => new(
        output,
        error,
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected);

    public string Green(string text) => Painted(text, 32);

    public string Red(string text) => Painted(text, 31);

    public string Faint(string text) => Painted(text, 2);

    private string Painted(string text, int colour) => Colours ? $"\u001b[{colour}m{text}\u001b[0m" : text;
}
