using System.Text.Json;
using System.Xml.Linq;

using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

/// <summary>
/// Licences of the packages that the programs are shipped with. The list is written to <c>artifacts/bill-of-materials/licences.md</c>;
/// <c>.ci/bill-of-materials</c> writes the bills of materials to the same folder.
/// </summary>
public sealed class LicenceTests
{
    private static readonly string[] Allowed = ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "PostgreSQL"];

    // Packages without a licence expression. A person has read their licence files.
    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SQLite"] = "public domain (its LICENSE.txt)",
        ["System.Security.Cryptography.ProtectedData"] = "MIT (dotnet/corefx)",
    };

    [Fact]
    public async Task Every_shipped_package_has_an_allowed_licence()
    {
        var assets = ProjectFile.All.Where(project => !project.Folder.StartsWith("tests/", StringComparison.Ordinal))
            .Select(project => Repository.PathOf("artifacts", "obj", Path.GetFileNameWithoutExtension(project.Path), "project.assets.json")).ToList();
        Assert.SkipUnless(assets.TrueForAll(File.Exists), "Some projects are not restored: run dotnet restore first.");

        var packages = assets.SelectMany(PackagesOf).DistinctBy(package => package.Id).OrderBy(package => package.Id, StringComparer.OrdinalIgnoreCase).ToList();

        await WriteAsync(packages);
        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.True(Allowed.Contains(package.Licence) || Known.ContainsValue(package.Licence), $"{package.Id} has the licence '{package.Licence}', which is not in the list of this test."));
    }

    private static List<Package> PackagesOf(string assets)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(assets));
        var folders = document.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        return
        [
            .. document.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(library => library.Value.GetProperty("type").GetString() == "package")
                .Select(library => new Package(library.Name, LicenceOf(library.Name.Split('/')[0], Specification(folders, library.Value)))),
        ];
    }

    private static string Specification(IEnumerable<string> folders, JsonElement library)
    {
        var path = Path.Combine(library.GetProperty("path").GetString() ?? "", library.GetProperty("files").EnumerateArray().Select(file => file.GetString() ?? "").First(file => file.EndsWith(".nuspec", StringComparison.Ordinal)));
        return folders.Select(folder => Path.Combine(folder, path)).First(File.Exists);
    }

    private static string LicenceOf(string name, string specification)
    {
        var licence = XDocument.Load(specification).Descendants().FirstOrDefault(element => element.Name.LocalName == "license" && (string?)element.Attribute("type") == "expression");
        return licence?.Value ?? Known.GetValueOrDefault(name, "none that a program can read");
    }

    private static async Task WriteAsync(IReadOnlyList<Package> packages)
    {
        var folder = Directory.CreateDirectory(Repository.PathOf("artifacts", "bill-of-materials")).FullName;
        string[] head = ["# Licences of the packages that the programs are shipped with", "", "| package | licence |", "| --- | --- |"];
        await File.WriteAllLinesAsync(Path.Combine(folder, "licences.md"), head.Concat(packages.Select(package => $"| {package.Id} | {package.Licence} |")), TestContext.Current.CancellationToken);
    }

    /// <param name="Id">Name and version.</param>
    /// <param name="Licence">The licence expression (SPDX).</param>
    private sealed record Package(string Id, string Licence);
}
