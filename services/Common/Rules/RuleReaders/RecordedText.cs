using System.Text;

namespace MLEvents.Rules.RuleReaders;

/// <summary>The limit of texts of a rule that the record of each action holds.</summary>
internal static class RecordedText
{
    private const int MaxBytes = 32 * 1024;

    /// <summary>The error if the text is too large in UTF-8; otherwise null.</summary>
    public static string? FindError(string text) =>
        Encoding.UTF8.GetByteCount(text) > MaxBytes ? $"is larger than {MaxBytes / 1024} KiB; the action's record holds it, so keep it small" : null;
}
