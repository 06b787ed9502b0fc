using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd.Running;

/// <summary>A copy of the sample rules that a test may change.</summary>
internal sealed class RulesFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>Copies the sample rules.</summary>
    public RulesFolder()
    {
        var sample = Repository.PathOf("rules");
        foreach (var file in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories))
        {
            _folder.Write(System.IO.Path.GetRelativePath(sample, file), File.ReadAllText(file));
        }
    }

    /// <summary>The folder's path.</summary>
    public string Path => _folder.Path;

    /// <summary>Replaces text in a file, as an editor that saves in place does.</summary>
    public void Edit(string file, string text, string by)
    {
        var before = File.ReadAllText(System.IO.Path.Combine(Path, file));
        Assert.Contains(text, before, StringComparison.Ordinal);
        _folder.Write(file, before.Replace(text, by, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
