using System.Text;

namespace MLEvents.Tests.Common.Fuzzing;

/// <summary>
/// Creates inputs from a corpus: flips bits, removes and repeats parts, and inserts parts of other inputs and text that is difficult for parsers.
/// </summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus)
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxChanges = 6;

    private static readonly byte[][] Hard =
    [
        .. new[]
        {
            "\"", "{", "}", "[", "]", ":", ",", "null", "-1e400", "1e999", "\\ud800", "\\u0000", "\0", "\uFEFF", "\u2028", "{{ id }}", "{% if %}", "&a", "*a", "!!str", "---", "\t", "\r\n", "%00", "..", "/../",
            "0001-01-01T00:00:00Z", "9999-12-31T23:59:60+24:00", new string('[', 600), new string('a', 5000), "{\"specversion\":\"1.0\"}",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80],
    ];

    /// <summary>Returns the next input.</summary>
    public byte[] Next(Random random)
    {
        var input = Pick(random, corpus).ToList();
        for (var change = random.Next(MaxChanges); change >= 0 && input.Count is > 0 and < MaxBytes; change--)
        {
            Change(random, input);
        }

        return [.. input];
    }

    private void Change(Random random, List<byte> input)
    {
        var at = random.Next(input.Count);
        var length = Math.Min(random.Next(1, 40), input.Count - at);
        switch (random.Next(6))
        {
            case 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                input.RemoveRange(at, length);
                break;
            case 2:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 3:
                var other = Pick(random, corpus);
                input.InsertRange(at, other[..Math.Min(other.Length, length * 4)]);
                break;
            default:
                input.InsertRange(at, Pick(random, Hard));
                break;
        }
    }

    private static byte[] Pick(Random random, IReadOnlyList<byte[]> items) => items[random.Next(items.Count)];
}
