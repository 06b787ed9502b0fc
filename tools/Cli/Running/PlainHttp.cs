using System.CommandLine;

namespace MLEvents.Cli.Running;

/// <summary>Refuses to send tokens and keys over unencrypted connections, except to this machine.</summary>
internal static class PlainHttp
{
    private const string Name = "--insecure";

    /// <summary>Creates the option that allows plain http.</summary>
    public static Option<bool> CreateOption() => new(Name) { Description = "Allow a token or key to be sent over plain http to another machine." };

    /// <summary>Refuses to send a secret over plain http to another machine.</summary>
    /// <param name="address">The address of the service or webhook.</param>
    /// <param name="secret">What the secret is, for the message; null if no secret is sent.</param>
    /// <param name="allowed">Whether <c>--insecure</c> was given.</param>
    /// <exception cref="CommandFault">The secret would be sent unencrypted.</exception>
    public static void Check(Uri address, string? secret, bool allowed)
    {
        if (secret is not null && !allowed && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            throw new CommandFault(ExitCodes.Usage, $"{address.GetLeftPart(UriPartial.Authority)} is not encrypted, so {secret} would be readable on the network. Use https, or add {Name} if the network is trusted.");
        }
    }
}
