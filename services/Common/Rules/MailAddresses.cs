using MimeKit;

namespace MLEvents.Rules;

/// <summary>Parses e-mail addresses with the parser that the notifier uses for sending, so that the notifier can send to every address that this class accepts.</summary>
internal static class MailAddresses
{
    /// <summary>Parses one address, or several that are separated by commas, semicolons or line breaks.</summary>
    /// <returns>The addresses, with their names; null if the text is not a list of addresses.</returns>
    public static IReadOnlyList<string>? Parse(string text)
    {
        if (text.Any(letter => char.IsControl(letter) && letter is not '\r' and not '\n'))
        {
            return null;
        }

        var written = text.Trim();
        if (MailboxAddress.TryParse(written, out var single) && CanReceive(single) && !written.Any(char.IsControl))
        {
            return [written];
        }

        return InternetAddressList.TryParse(SeparatedByCommas(written), out var list) && list.All(CanReceive) ? [.. list.Select(address => address.ToString(encode: false))] : null;
    }

    private static bool CanReceive(InternetAddress address) =>
        address is MailboxAddress { Domain.Length: > 0 } mailbox && !mailbox.Address.Any(char.IsWhiteSpace) && MailboxAddress.TryParse(address.ToString(encode: false), out _);

    // The standard that MimeKit follows separates addresses with commas. Mail programs write semicolons, and a template's loop writes lines. In quotes, commas and semicolons are part of a name.
    private static string SeparatedByCommas(string text)
    {
        var quoted = false;
        return string.Concat(text.Select(letter =>
        {
            quoted ^= letter == '"';
            return letter is '\r' or '\n' || (letter == ';' && !quoted) ? ',' : letter;
        }));
    }
}
