using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>Checks that each test mentioned in docs/security.md exists.</summary>
public sealed partial class SecurityDocumentTests
{
    [Fact]
    public void Every_test_mentioned_in_the_threat_model_exists()
    {
        var tests = Directory.EnumerateFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .GroupBy(file => Path.GetFileNameWithoutExtension(file) ?? "")
            .ToDictionary(files => files.Key, files => string.Concat(files.Select(File.ReadAllText)));
        var named = TestName().Matches(File.ReadAllText(Repository.PathOf("docs/security.md"))).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.True(
            tests.TryGetValue(name.Class, out var text) && Regex.IsMatch(text, $@" {name.Method}\("), $"docs/security.md names {name.Class}.{name.Method}, which does not exist."));
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex TestName();
}
