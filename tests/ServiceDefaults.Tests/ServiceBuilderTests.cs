using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class ServiceBuilderTests
{
    [Fact]
    public void Folders_below_the_content_root_are_not_watched()
    {
        var files = ((IConfigurationBuilder)ServiceBuilder.Create([]).Configuration).Sources.OfType<JsonConfigurationSource>().ToList();

        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.ReloadOnChange);
    }

    [Fact]
    public void An_argument_turns_the_watch_on() =>
        Assert.Contains(((IConfigurationBuilder)ServiceBuilder.Create(["--hostBuilder:reloadConfigOnChange=true"]).Configuration).Sources.OfType<JsonConfigurationSource>(), file => file.ReloadOnChange);
}
