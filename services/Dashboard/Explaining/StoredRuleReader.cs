using System.Collections.Concurrent;

using MLEvents.Dashboard.History;
using MLEvents.Rules;
using MLEvents.Rules.Explaining;

namespace MLEvents.Dashboard.Explaining;

/// <summary>Reads stored rule files as the services do.</summary>
internal sealed class StoredRuleReader(HistoryQueries queries)
{
    private const int MaxCached = 32;

    private readonly ConcurrentDictionary<(string Service, string Version), RuleFile> _cache = new();

    /// <summary>The rules of a version; null if its files are not stored.</summary>
    /// <exception cref="RuleFileException">This version of the dashboard cannot read the files.</exception>
    public async Task<RuleFile?> FindAsync(string service, string version, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue((service, version), out var cached))
        {
            return cached;
        }

        var files = await queries.RuleFilesAsync(service, version, cancellationToken);
        if (files.Count == 0)
        {
            return null;
        }

        if (_cache.Count >= MaxCached)
        {
            _cache.Clear();
        }

        return _cache[(service, version)] = Read(files.ToDictionary(file => file.Path, file => file.Content));
    }

    /// <summary>Reads rule files from their text.</summary>
    /// <param name="files">The text of each file by its path.</param>
    /// <exception cref="RuleFileException">The files contain errors. The exception lists all of them.</exception>
    public static RuleFile Read(IReadOnlyDictionary<string, string> files)
    {
        var name = RuleFile.Readers.Keys.FirstOrDefault(files.ContainsKey)
            ?? throw new RuleFileException($"None of the files is a rule file. Expected one of: {string.Join(", ", RuleFile.Readers.Keys)}.");

        // The reader needs a folder, because rules refer to templates and job files by paths relative to it.
        var folder = Directory.CreateTempSubdirectory("mlevents-rules-");
        try
        {
            foreach (var (path, content) in files)
            {
                Write(folder, path, content);
            }

            return RuleFile.Readers[name](Path.Combine(folder.FullName, name));
        }
        catch (RuleFileException exception) when (exception.Errors.Count > 0)
        {
            throw new RuleFileException([.. exception.Errors.Select(error => error with { File = Path.GetRelativePath(folder.FullName, error.File) })]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Write(DirectoryInfo folder, string path, string content)
    {
        var file = Path.GetFullPath(Path.Combine(folder.FullName, path));
        if (!file.StartsWith(folder.FullName + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new RuleFileException($"'{path}' is outside the rules folder.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file) ?? folder.FullName);
        File.WriteAllText(file, content);
    }
}
