using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Reading;

/// <summary>The context of reading a file and the files that it names: their paths, and the errors found so far.</summary>
internal sealed class RuleParseContext(RuleFolder folder, string file)
{
    private readonly List<RuleError> _errors = [];
    private readonly List<RuleError> _warnings = [];

    /// <summary>Records the keys that the readers read, for a JSON Schema; null when no schema is created.</summary>
    public FormatRecorder? Recorder { get; init; }

    /// <summary>The errors by line and column; those of the context's own file come before those of the files that it names.</summary>
    public IReadOnlyList<RuleError> Errors => [.. _errors.OrderBy(error => error.File != file).ThenBy(error => error.Line).ThenBy(error => error.Column)];

    /// <summary>Valid content that is probably a mistake, in the order of reading.</summary>
    public IReadOnlyList<RuleError> Warnings => _warnings;

    /// <summary>Records a warning at a position in the context's file.</summary>
    public void Warn(YamlNode at, string message) => _warnings.Add(new RuleError(file, at.Line, at.Column, message));

    /// <summary>Records an error at a position in the context's file.</summary>
    public void Add(YamlNode at, string message) => Add(file, at.Line, at.Column, message);

    /// <summary>Reads a file named in the rule file.</summary>
    /// <returns>The file's path and text; null if it cannot be used. The error is recorded.</returns>
    public (string Path, string Text)? ReadNamed(YamlText name)
    {
        string? path = null;
        try
        {
            path = name.Value.Contains('\0', StringComparison.Ordinal) ? null : folder.PathOf(name.Value);
            if (path is not null)
            {
                return (path, folder.Read(path));
            }

            Add(name, $"'{name.Value}' is outside the rules folder");
            return null;
        }
        catch (NotUtf8Exception exception)
        {
            Add(path ?? name.Value, exception.Line, exception.Column, exception.Message);
            return null;
        }
        catch (IOException exception)
        {
            Add(name, $"'{name.Value}' cannot be read: {exception.Message}");
            return null;
        }
    }

    /// <summary>Parses a template written in the rule file.</summary>
    public Template? Inline(YamlText node, TemplateTarget target, IReadOnlyCollection<string>? extra = null)
    {
        try
        {
            return Template.Parse(node.Value, target, extra);
        }
        catch (TemplateException exception)
        {
            var (line, column) = PlaceOf(node, exception);
            Add(file, line, column, exception.Message);
            return null;
        }
    }

    /// <summary>Parses a template in a separate file.</summary>
    public Template? FromFile(YamlText name, TemplateTarget target, IReadOnlyCollection<string>? extra = null)
    {
        if (ReadNamed(name) is not { } named)
        {
            return null;
        }

        try
        {
            return Template.Parse(named.Text, target, extra);
        }
        catch (TemplateException exception)
        {
            Add(named.Path, exception.Line, exception.Column, exception.Message);
            return null;
        }
    }

    /// <summary>Parses YAML; records syntax errors.</summary>
    public YamlNode? Yaml(string path, string text)
    {
        try
        {
            return YamlReader.Read(text);
        }
        catch (YamlFileException exception)
        {
            Add(path, exception.Line, exception.Column, exception.Message);
            return null;
        }
    }

    /// <summary>The context of another file; its positions refer to that file.</summary>
    public RuleParseContext For(string path) => new(folder, path);

    /// <summary>Adds the errors and warnings of another context.</summary>
    public void AddAll(RuleParseContext other)
    {
        _errors.AddRange(other._errors);
        _warnings.AddRange(other._warnings);
    }

    /// <summary>Records an error at a position in any file.</summary>
    public void Add(string path, int line, int column, string message) => _errors.Add(new RuleError(path, line, column, message));

    // The text of a block begins on the line after its '|'. The indentation of the block is not known here, so the column is counted without it.
    private static (int Line, int Column) PlaceOf(YamlText node, TemplateException error) => node.Style switch
    {
        YamlStyle.Block => (node.Line + error.Line, error.Column),
        _ when error.Line > 1 => (node.Line + error.Line - 1, error.Column),
        YamlStyle.Quoted => (node.Line, node.Column + error.Column),
        _ => (node.Line, node.Column + error.Column - 1),
    };
}
