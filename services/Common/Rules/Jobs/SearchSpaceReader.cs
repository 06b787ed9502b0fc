using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Jobs;

/// <summary>Translates the search space of a sweep job. The REST API represents each parameter as a list of the distribution's name and its arguments.</summary>
internal static class SearchSpaceReader
{
    // The arguments of each distribution in the order of the REST API.
    private static readonly Dictionary<string, string[]> Arguments = new()
    {
        ["choice"] = ["values"],
        ["uniform"] = ["min_value", "max_value"],
        ["loguniform"] = ["min_value", "max_value"],
        ["quniform"] = ["min_value", "max_value", "q"],
        ["qloguniform"] = ["min_value", "max_value", "q"],
        ["normal"] = ["mu", "sigma"],
        ["lognormal"] = ["mu", "sigma"],
        ["qnormal"] = ["mu", "sigma", "q"],
        ["qlognormal"] = ["mu", "sigma", "q"],
        ["randint"] = ["upper"],
    };

    private static readonly Dictionary<string, string> Names = Arguments.Keys.ToDictionary(name => name);

    /// <summary>Reads the search space.</summary>
    public static JsonObject? Read(MapReader keys)
    {
        keys.Required("search_space");
        return JobSettings.Part(keys, "search_space", (space, body) =>
        {
            foreach (var name in space.Map.Entries.Select(entry => entry.Key.Value))
            {
                body.Put(name, space.Child(name) is { } parameter ? Parameter(parameter) : null);
            }
        });
    }

    private static JsonArray? Parameter(MapReader keys)
    {
        var distribution = keys.Word("type", Names);
        if (distribution is null)
        {
            keys.Required("type");
            return null;
        }

        var arguments = new JsonArray([.. Arguments[distribution].Select(argument => Argument(keys, argument))]);
        keys.RejectUnreadKeys();
        return new JsonArray(distribution, arguments);
    }

    private static JsonNode? Argument(MapReader keys, string argument) =>
        keys.Required(argument) is null ? null
        : argument == "values" ? keys.Raw(argument)
        : keys.Number(argument);
}
