using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Bindings;

/// <summary>Component type <c>bindings.localstorage</c>: files in one folder. A name cannot address a file outside this folder.</summary>
internal sealed class LocalStorageBinding(ComponentContext context) : IOutputBinding
{
    private static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    private readonly RootedPath _root = new(context.DataPath(context.Spec.RequiredSetting("rootPath")));

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => IsOutput ? ["OUTPUT_BINDING"] : [];

    /// <inheritdoc/>
    public bool IsOutput { get; } = BindingDirection.AllowsOutput(context.Spec);

    /// <inheritdoc/>
    public IReadOnlyList<string> Operations { get; } = ["create", "get", "list", "delete"];

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(_root.Root);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<BindingMessage?> InvokeAsync(string operation, BindingMessage request, CancellationToken cancellationToken)
    {
        var fileName = request.Metadata.GetValueOrDefault("fileName") ?? "";
        try
        {
            return operation switch
            {
                "create" => await CreateAsync(fileName is "" ? Guid.NewGuid().ToString() : fileName, request.Data, cancellationToken),
                "get" => await GetAsync(_root.Resolve(fileName), cancellationToken),
                "list" => List(_root.Resolve(fileName)),
                "delete" => Delete(_root.Resolve(fileName)),
                _ => throw new BindingException($"unsupported operation {operation}"),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BindingException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<BindingMessage> CreateAsync(string fileName, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var path = _root.Resolve(fileName);
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path) ?? _root.Root);
        await File.WriteAllBytesAsync(path, DecodeContent(data), cancellationToken);
        return new BindingMessage(JsonSerializer.SerializeToUtf8Bytes(new WrittenFile(Path.GetRelativePath(_root.Root, path)), LocalStorageJson.Default.WrittenFile), NoMetadata);
    }

    private static async Task<BindingMessage> GetAsync(string path, CancellationToken cancellationToken) =>
        File.Exists(path)
            ? new BindingMessage(await File.ReadAllBytesAsync(path, cancellationToken), NoMetadata)
            : throw new BindingException($"file not found: {path}");

    private static BindingMessage List(string path)
    {
        if (File.Exists(path))
        {
            throw new BindingException($"unable to list files as the file specified is not a directory: {path}");
        }

        return new BindingMessage(JsonSerializer.SerializeToUtf8Bytes(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal), LocalStorageJson.Default.IEnumerableString), NoMetadata);
    }

    private static BindingMessage? Delete(string path)
    {
        if (!File.Exists(path))
        {
            throw new BindingException($"error deleting file {path}: no such file");
        }

        File.Delete(path);
        return null;
    }

    /// <summary>The bytes of the file. As in daprd, a JSON string becomes its text, and Base64 text becomes the decoded bytes.</summary>
    private static byte[] DecodeContent(ReadOnlyMemory<byte> data)
    {
        var text = Unquoted(data);
        // Base64.IsValid also allows spaces and tabs; Go's decoder in daprd allows only line breaks.
        return Base64.IsValid(text) && !text.AsSpan().ContainsAny((byte)' ', (byte)'\t') ? Convert.FromBase64String(Encoding.ASCII.GetString(text)) : text;
    }

    // daprd uses Go's strconv.Unquote instead of a JSON reader. It also reads `…`, 'x' and the escapes \a, \v, \x41, \101 and \U0001F600, and it refuses \/, \ud83d\ude00
    // and white space around the string. For HTTP callers, daprd first encodes the data again as Go's JSON, so these callers see a difference only for invalid Unicode.
    private static byte[] Unquoted(ReadOnlyMemory<byte> data)
    {
        var reader = new Utf8JsonReader(data.Span);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { } text && !reader.Read()
                ? Encoding.UTF8.GetBytes(text)
                : data.ToArray();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The data is not JSON, or it is a string with invalid UTF-8 or a lone surrogate. The bytes are then the content.
            return data.ToArray();
        }
    }
}

internal sealed record WrittenFile(string FileName);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WrittenFile))]
[JsonSerializable(typeof(IEnumerable<string>))]
internal sealed partial class LocalStorageJson : JsonSerializerContext;
