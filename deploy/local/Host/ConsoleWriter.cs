using System.Globalization;

namespace MLEvents.Local.Host;

/// <summary>What the user reads.</summary>
internal sealed class ConsoleWriter(TextWriter output, TextWriter error)
{
    public void Line(string text = "") => output.WriteLine(text);

    public void Fault(string text) => error.WriteLine(text);

    /// <summary>A line of the timeline: seconds since the scenario began, the step, and what it was about.</summary>
    public void Step(TimeSpan at, string step, string detail) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {at.TotalSeconds,6:F1} s  {step,-32} {detail}"));
}
