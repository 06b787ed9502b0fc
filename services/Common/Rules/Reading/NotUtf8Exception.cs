using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MLEvents.Rules.Reading;

/// <summary>A file contains a byte that is not valid UTF-8.</summary>
[SuppressMessage("Design", "CA1064", Justification = "It never leaves this assembly: readers turn it into a rule error.")]
[SuppressMessage("Design", "CA1032", Justification = "It is created in one place only, with the position of the byte.")]
internal sealed class NotUtf8Exception : IOException
{
    private NotUtf8Exception(string message, Exception cause, int line, int column)
        : base(message, cause) => (Line, Column) = (line, column);

    /// <summary>The line of the byte, counted from 1.</summary>
    public int Line { get; }

    /// <summary>The column of the byte, counted in characters from 1.</summary>
    public int Column { get; }

    /// <summary>The exception for the byte at which decoding stopped.</summary>
    public static NotUtf8Exception At(byte[] bytes, DecoderFallbackException cause)
    {
        var offset = Math.Clamp(cause.Index, 0, bytes.Length - 1);
        var before = Encoding.UTF8.GetString(bytes, 0, offset);
        return new($"the byte 0x{bytes[offset]:X2} is not valid UTF-8; save the file as UTF-8", cause, before.Count(letter => letter == '\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}
