using System.Diagnostics.CodeAnalysis;

using YamlDotNet.Core;

namespace MLEvents.Rules.Yaml;

/// <summary>The text is not YAML, or uses a feature of YAML that rule files may not use.</summary>
[SuppressMessage("Design", "CA1064", Justification = "It never leaves this assembly: readers turn it into a rule error.")]
internal sealed class YamlFileException : Exception
{
    public YamlFileException()
    {
    }

    public YamlFileException(string message)
        : base(message)
    {
    }

    public YamlFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public YamlFileException(in Mark place, string message)
        : base(message) => (Line, Column) = ((int)place.Line, (int)place.Column);

    public int Line { get; }

    public int Column { get; }
}
