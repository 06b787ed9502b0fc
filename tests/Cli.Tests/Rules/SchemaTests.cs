using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Rules;

public sealed class SchemaTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_schemas_are_written_as_they_are_in_the_repository()
    {
        var (code, output, _) = await CliRun.StartAsync("rules", "schema", Path.Combine(_folder.Path, "schema"));

        Assert.Equal((0, 3), (code, output.Trim().Split('\n').Length));
        Assert.All(Directory.GetFiles(Path.Combine(_folder.Path, "schema")), file =>
            Assert.Equal(File.ReadAllText(Repository.PathOf("rules", "schema", Path.GetFileName(file))), File.ReadAllText(file)));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_created_leads_to_exit_code_3()
    {
        var (code, _, error) = await CliRun.StartAsync("rules", "schema", Path.Combine(_folder.Write("file", ""), "schema"));

        Assert.Equal(3, code);
        Assert.NotEmpty(error);
    }
}
