using System.Globalization;

namespace MLEvents.Local.Host;

/// <summary>Writes the lines for the user.</summary>
internal sealed class ConsoleWriter(TextWriter output, TextWriter error)
{
    public void Line(string text = "") => output.WriteLine(text);

    public void Fault(string text) => error.WriteLine(text);

    /// <summary>Writes a line of the timeline: the seconds since the start of the scenario, the step, and a detail such as its subject.</summary>
    public void Step(TimeSpan at, string step, string detail) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {at.TotalSeconds,6:F1} s  {step,-32} {detail}"));
}
