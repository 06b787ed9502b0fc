using System.Text;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Limits the size of the rule texts that the record of each action contains.</summary>
internal static class RecordedText
{
    private const int MaxBytes = 32 * 1024;

    /// <summary>The error if the text is too large in UTF-8; otherwise null.</summary>
    public static string? FindError(string text) =>
        Encoding.UTF8.GetByteCount(text) > MaxBytes ? $"is larger than {MaxBytes / 1024} KiB; it must be small, because the record of each action contains it" : null;
}
