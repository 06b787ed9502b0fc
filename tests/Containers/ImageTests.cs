using System.Text.Json.Nodes;

using MLEvents.Containers.Running;

namespace MLEvents.Containers;

/// <summary>Compares the lists of images and projects in <see cref="Engine"/> with the files that define them. Needs no Docker engine.</summary>
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
    public void The_published_projects_are_those_of_the_images_and_the_probe()
    {
        var published = JsonNode.Parse(File.ReadAllText(Repository.PathOf("deploy", "containers", "Images.slnf")))?["solution"]?["projects"]?.AsArray().Select(path => $"{path}") ?? [];

        Assert.Equal([.. Engine.Services.Append("Probe").Order()], published.Select(Path.GetFileNameWithoutExtension).Order());
        Assert.All(published, path => Assert.True(File.Exists(Repository.PathOf(path)), path));
    }
}
