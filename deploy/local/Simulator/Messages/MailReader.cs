using MimeKit;

namespace MLEvents.Local.Simulator.Messages;

/// <summary>Parses a raw mail.</summary>
internal static class MailReader
{
    /// <summary>Parses a mail. Input that is not a MIME message becomes plain text without a subject.</summary>
    public static Mail Read(long id, string from, IReadOnlyList<string> to, byte[] raw, DateTimeOffset now)
    {
        using var stream = new MemoryStream(raw);
        try
        {
            using var message = MimeMessage.Load(stream);
            var headers = message.Headers
                .GroupBy(header => header.Field, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(group => group.Key, group => string.Join('\n', group.Select(header => header.Value)), StringComparer.OrdinalIgnoreCase);
            return new(id, from, to, message.Subject, headers, message.TextBody, message.HtmlBody, now, raw.Length);
        }
        catch (FormatException)
        {
            return new(id, from, to, null, new Dictionary<string, string>(), System.Text.Encoding.Latin1.GetString(raw), null, now, raw.Length);
        }
    }
}
