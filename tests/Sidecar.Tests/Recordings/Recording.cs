using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>A file with calls that were recorded with a real daprd.</summary>
internal static partial class Recording
{
    /// <summary>Opens a recording. Skips the test if the recordings are not available.</summary>
    public static JsonElement Open(string name)
    {
        var folder = Folder();
        Assert.SkipWhen(folder is null, "The recordings of daprd do not exist. Expected: the folder dapr in the reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference).");
        using var stream = File.OpenRead(Path.Combine(folder, name));
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    /// <summary>Returns the names of the cases in a member, for theories. If the recordings are not available, returns one placeholder, so that the theory is reported as skipped.</summary>
    public static IEnumerable<string> Cases(string name, string member) => Folder() is null
        ? ["no recordings"]
        : Open(name).GetProperty(member).EnumerateObject().Select(item => item.Name).Where(item => item[0] != '_');

    /// <summary>Replaces generated ids and times by placeholders, also inside base64.</summary>
    public static string Normalize(string text)
    {
        var plain = Base64().Replace(text, match => "\"data_base64\":<" + Normalize(System.Text.Encoding.Latin1.GetString(Convert.FromBase64String(match.Groups[1].Value))) + ">");
        return Time().Replace(Uuid().Replace(plain, "<uuid>"), "<time>");
    }

    private static string? Folder() => Repository.Reference is { } reference ? Path.Combine(reference, "dapr") : null;

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex("20(?:26|27|28|29|3[0-9])-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")]
    private static partial Regex Time();

    [GeneratedRegex("\"data_base64\":\"([^\"]{12,})\"")]
    private static partial Regex Base64();
}
