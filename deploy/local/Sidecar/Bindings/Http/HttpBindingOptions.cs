using System.Globalization;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Bindings.Http;

/// <summary>The metadata of a <c>bindings.http</c> component.</summary>
/// <param name="Address">Base address, without a slash at the end.</param>
/// <param name="ResponseTimeout">Longest wait for the answer. Infinite if the setting is absent, or 0 or less.</param>
/// <param name="MaxResponseBodySize">Largest answer in bytes, at most <see cref="int.MaxValue"/>. Default 100 MiB.</param>
/// <param name="ErrorIfNot2XX">Whether an unsuccessful answer is an error. Default true.</param>
/// <param name="IsSecret">Whether the address comes from a secret store. The address of a webhook is often its only protection, so messages must not contain it.</param>
/// <param name="SecurityToken">Header and value sent with each request; null for none.</param>
internal sealed record HttpBindingOptions(
    string Address, TimeSpan ResponseTimeout, long MaxResponseBodySize, bool ErrorIfNot2XX, bool IsSecret, KeyValuePair<string, string>? SecurityToken)
{
    private static readonly string[] MutualTls = ["MTLSRootCA", "MTLSClientCert", "MTLSClientKey"];

    /// <summary>Reads the metadata.</summary>
    /// <exception cref="ResourceException">An item is missing, wrong, or not supported.</exception>
    public static HttpBindingOptions Read(ComponentSpec spec)
    {
        if (MutualTls.FirstOrDefault(item => spec.Setting(item) is not null) is { } item)
        {
            throw new ResourceException(spec.Source, $"component '{spec.Name}': the embedded sidecar does not support client certificates ('{item}'); use daprd");
        }

        var timeout = spec.Duration("responseTimeout", Timeout.InfiniteTimeSpan);
        return new(
            Url(spec),
            timeout > TimeSpan.Zero ? timeout : Timeout.InfiniteTimeSpan,
            Size(spec, "maxResponseBodySize", 100L << 20),
            spec.Flag("errorIfNot2XX", otherwise: true),
            spec.SecretNames.Contains("url"),
            Token(spec));
    }

    private static string Url(ComponentSpec spec)
    {
        var url = spec.RequiredSetting("url");
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? url.TrimEnd('/')
            : throw new ResourceException(spec.Source, $"component '{spec.Name}': '{spec.Shown("url", url)}' is not an http or https address");
    }

    private static KeyValuePair<string, string>? Token(ComponentSpec spec) =>
        (spec.Setting("securityTokenHeader"), spec.Setting("securityToken")) is ({ } header, { } token) ? new(header, token) : null;

    private static long Size(ComponentSpec spec, string name, long otherwise)
    {
        if (spec.Setting(name) is not { } text)
        {
            return otherwise;
        }

        // As in daprd, the suffixes are those of Kubernetes quantities: K is valid only in Ki.
        var digits = text.TrimEnd('k', 'K', 'M', 'G', 'i');
        var factor = text[digits.Length..] switch { "" => 1L, "Ki" => 1L << 10, "Mi" => 1L << 20, "Gi" => 1L << 30, "k" => 1_000L, "M" => 1_000_000L, "G" => 1_000_000_000L, _ => 0L };
        return factor > 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? Math.Min(Math.Min(number, int.MaxValue) * factor, int.MaxValue)
            : throw new ResourceException(spec.Source, $"component '{spec.Name}': '{spec.Shown(name, text)}' is not a size; write a number of bytes (1048576), or a number with a suffix (512Ki, 10Mi)");
    }
}
