using MLEvents.Containers.Running;

namespace MLEvents.Containers;

/// <summary>What can be said of the images without an engine.</summary>
public sealed class ImageTests
{
    [Fact]
    public void The_base_images_are_those_of_the_Dockerfile()
    {
        var lines = File.ReadAllLines(Repository.PathOf("deploy", "containers", "Dockerfile"));
        var version = Assert.Single(lines, line => line.StartsWith("ARG DOTNET=", StringComparison.Ordinal)).Split('=')[1];
        var from = lines
            .Where(line => line.StartsWith("FROM mcr.microsoft.com/", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1].Replace("${DOTNET}", version, StringComparison.Ordinal))
            .Distinct();

        Assert.Equal(Engine.BaseImages.Order(), from.Order());
    }

    [Fact]
    public void What_gets_an_image_is_a_program_of_the_repository() =>
        Assert.All(Engine.Projects, program => Assert.True(File.Exists(Repository.PathOf(program.Project, "Program.cs")), program.Project));
}
