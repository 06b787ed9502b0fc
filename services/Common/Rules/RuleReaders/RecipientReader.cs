using MimeKit;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads e-mail recipients with the parser that the notifier sends with: a recipient that loads can be sent to.</summary>
internal static class RecipientReader
{
    /// <summary>Reads the addresses of a key; a string with several addresses, separated by commas or semicolons, is a list.</summary>
    public static List<string> Read(MapReader keys, string key) => [.. keys.Texts(key).SelectMany(text => Addresses(text, keys.Reading))];

    private static IEnumerable<string> Addresses(YamlText written, RuleParseContext reading)
    {
        if (!written.Value.Any(char.IsControl))
        {
            if (MailboxAddress.TryParse(written.Value, out var single) && CanReceive(single))
            {
                return [written.Value];
            }

            if (InternetAddressList.TryParse(SeparatedByCommas(written.Value), out var list) && list.All(CanReceive))
            {
                return [.. list.Select(address => address.ToString(encode: false))];
            }
        }

        reading.Add(written, $"'{written.Value}' is not an e-mail address; write 'name@example.com' or 'Name <name@example.com>'");
        return [];
    }

    private static bool CanReceive(InternetAddress address) =>
        address is MailboxAddress { Domain.Length: > 0 } mailbox && !mailbox.Address.Any(char.IsWhiteSpace) && MailboxAddress.TryParse(address.ToString(encode: false), out _);

    // Mail programs write semicolons; the standard that MimeKit follows has commas. Inside quotes both are part of a name.
    private static string SeparatedByCommas(string text)
    {
        var quoted = false;
        return string.Concat(text.Select(letter =>
        {
            quoted ^= letter == '"';
            return letter == ';' && !quoted ? ',' : letter;
        }));
    }
}
