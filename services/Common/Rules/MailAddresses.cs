using MimeKit;

namespace MLEvents.Rules;

/// <summary>Parses e-mail addresses with the parser that the notifier sends with: what parses can be sent to.</summary>
internal static class MailAddresses
{
    /// <summary>Parses one address, or several with commas, semicolons or line breaks between them.</summary>
    /// <returns>The addresses, with their names; null if the text is no list of addresses.</returns>
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

    // Mail programs write semicolons, and a loop of a template makes lines; the standard that MimeKit follows has commas. Inside quotes commas and semicolons are part of a name.
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
