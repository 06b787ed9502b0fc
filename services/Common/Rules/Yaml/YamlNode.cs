namespace MLEvents.Rules.Yaml;

/// <summary>A part of a YAML file with its start position. Line and column are counted from 1.</summary>
internal abstract record YamlNode(int Line, int Column);

/// <summary>A scalar. A plain scalar may represent null, a boolean or a number.</summary>
internal sealed record YamlText(string Value, YamlStyle Style, int Line, int Column) : YamlNode(Line, Column)
{
    /// <summary>Whether the scalar represents null in YAML's core schema.</summary>
    public bool IsNull => Style == YamlStyle.Plain && Value is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>The boolean that the scalar represents; null if it represents none.</summary>
    public bool? Bool => Style != YamlStyle.Plain ? null : Value switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };
}

/// <summary>A sequence.</summary>
internal sealed record YamlList(IReadOnlyList<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column);

/// <summary>A mapping; its keys are unique.</summary>
internal sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, int Line, int Column) : YamlNode(Line, Column);

/// <summary>A key with its value.</summary>
internal sealed record YamlEntry(YamlText Key, YamlNode Value);

/// <summary>The notation of a scalar.</summary>
internal enum YamlStyle
{
    /// <summary>Without quotes.</summary>
    Plain,

    /// <summary>In quotes.</summary>
    Quoted,

    /// <summary>As a block, after <c>|</c> or <c>&gt;</c>.</summary>
    Block,
}
