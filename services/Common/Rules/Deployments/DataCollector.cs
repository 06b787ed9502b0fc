using System.Text.Json.Nodes;

using MLEvents.Rules.Jobs;
using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Deployments;

/// <summary>Translates the settings of the data collector in a deployment file. The collector records requests and responses for monitors.</summary>
internal static class DataCollector
{
    private static readonly Dictionary<string, string> Rates = new() { ["year"] = "Year", ["month"] = "Month", ["day"] = "Day", ["hour"] = "Hour", ["minute"] = "Minute" };

    private static readonly Dictionary<string, string> Modes = new() { ["true"] = "Enabled", ["false"] = "Disabled" };

    /// <summary>Reads the data collector; null if the file has none.</summary>
    public static JsonObject? Read(MapReader keys) => JobSettings.Part(keys, "data_collector", (collector, body) =>
    {
        // Like the CLI, this gives every collection the rate of the collector.
        var sampling = NumberReader.Read(collector, "sampling_rate", min: 0, max: 1);
        body["collections"] = collector.RequiredChild("collections") is { } collections ? Collections(collections, sampling) : null;
        body.Put("rollingRate", collector.Word("rolling_rate", Rates));
        body.Put("requestLogging", JobSettings.Part(collector, "request_logging", (logging, headers) =>
            headers["captureHeaders"] = new JsonArray([.. logging.Texts("capture_headers").Select(header => JsonValue.Create(header.Value))])));
    });

    private static JsonObject Collections(MapReader keys, double? sampling)
    {
        var body = new JsonObject();
        foreach (var name in keys.Map.Entries.Select(entry => entry.Key.Value))
        {
            body.Put(name, JobSettings.Part(keys, name, (collection, settings) => ReadCollection(collection, settings, sampling)));
        }

        return body;
    }

    private static void ReadCollection(MapReader collection, JsonObject settings, double? sampling)
    {
        settings["dataCollectionMode"] = collection.Word("enabled", Modes) ?? Modes["false"];
        settings.Put("dataId", collection.Reference(collection.Scalar("data"), DataAsset));
        settings.Put("clientId", collection.String("client_id"));
        settings.Put("samplingRate", sampling is { } rate ? JsonValue.Create(rate) : null);
    }

    private static string? DataAsset(string text, out string? error) => AssetReference.Data(text, "uri_folder", out error);
}
