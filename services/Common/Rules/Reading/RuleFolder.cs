using System.Security.Cryptography;
using System.Text;

namespace MLEvents.Rules.Reading;

/// <summary>The folder of a rule file and of the files that it names, such as templates and job files. A hash of the files that are read is the version of the rules.</summary>
internal sealed class RuleFolder(string root) : IDisposable
{
    private const int MaxBytes = 256 * 1024;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The first 12 hexadecimal digits of the SHA-256 of all bytes read.</summary>
    public string Version => Convert.ToHexStringLower(_hash.GetCurrentHash().AsSpan(0, 6));

    /// <summary>The text of each file that was read, by its path relative to the folder, with <c>/</c> as the separator.</summary>
    public IReadOnlyDictionary<string, string> Files => _files;

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    /// <summary>The path of a file named in a rule file; null if it lies outside the folder.</summary>
    public string? PathOf(string name)
    {
        var path = Path.GetFullPath(Path.Combine(root, name));
        return IsInside(path, root) && IsInside(RealPath.Resolve(path), RealPath.Resolve(root)) ? path : null;
    }

    /// <summary>Reads a file as UTF-8.</summary>
    /// <exception cref="IOException">The file cannot be read, is too large, or is not UTF-8; the message contains the reason.</exception>
    public string Read(string path)
    {
        var bytes = ReadBytes(path);
        _hash.AppendData(bytes);
        try
        {
            var text = Strict.GetString(bytes);
            _files[Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/')] = text;
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException exception)
        {
            throw NotUtf8Exception.At(bytes, exception);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            // The length is read before the file is opened, because opening a named pipe waits for a writer. The length of a pipe is 0.
            var real = RealPath.Resolve(path);
            if (new FileInfo(real) is { Exists: true, Length: 0 })
            {
                return [];
            }

            using var file = File.OpenRead(real);
            return file.Length <= MaxBytes
                ? new BinaryReader(file).ReadBytes((int)file.Length)
                : throw new IOException($"the file is larger than {MaxBytes / 1024} KiB");
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException(exception is UnauthorizedAccessException ? "the file cannot be opened: access is denied" : "the file does not exist", exception);
        }
    }

    // Kubernetes mounts a ConfigMap as links within the mounted folder, so links inside the folder are allowed.
    private static bool IsInside(string path, string folder) => path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
