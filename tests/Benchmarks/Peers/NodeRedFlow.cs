using System.Text.Json;

namespace MLEvents.Benchmarks.Peers;

/// <summary>Writes the user folder of Node-RED. Its flow does the task of the comparison with the standard nodes and the e-mail node.</summary>
internal static class NodeRedFlow
{
    private const string Tab = "events";

    public static void Write(string folder, int port, int smtpPort, string emailNode)
    {
        File.WriteAllText(Path.Combine(folder, "settings.js"), $$"""
            module.exports = {
              uiPort: {{port}}, uiHost: "127.0.0.1", flowFile: "flows.json", credentialSecret: false, apiMaxLength: "5mb",
              telemetry: { enabled: false, updateNotification: false },
              nodesDir: [{{JsonSerializer.Serialize(emailNode)}}],
              logging: { console: { level: "warn", metrics: false, audit: false } }
            };
            """);
        File.WriteAllText(Path.Combine(folder, "flows.json"), JsonSerializer.Serialize(Nodes(smtpPort)));
        File.WriteAllText(Path.Combine(folder, "flows_cred.json"), JsonSerializer.Serialize(new { mail = new { userid = "ml@example.com", password = "unused" } }));
    }

    private static object[] Nodes(int smtpPort) =>
    [
        new { id = Tab, type = "tab", label = "events" },
        Node("webhook", "http in", new { url = "/events", method = "post" }, "answer", "split"),
        Node("answer", "http response", new { statusCode = "200", headers = new { } }),
        Node("split", "split", new { splt = "\\n", spltType = "str", arraySplt = 1, arraySpltType = "len", stream = false, property = "payload" }, "type"),
        Node("type", "switch", Switch("payload.eventType", [.. PeerEvents.MatchingTypes.Select(type => new Rule("eq", PeerEvents.FullType(type)))]), [.. PeerEvents.MatchingTypes.Select(_ => "subject")]),
        Node("subject", "switch", Switch("payload.subject", new Rule("regex", "^" + PeerEvents.SubjectPrefix)), "topic"),
        Node("topic", "template", Template("topic", "[ML] {{payload.data.runStatus}} {{{payload.subject}}} {{payload.id}}"), "text"),
        Node("text", "template", Template("payload", "{{{payload.subject}}} {{payload.id}}"), "mail"),
        Node("mail", "e-mail", new { server = "127.0.0.1", port = $"{smtpPort}", authtype = "BASIC", saslformat = true, secure = false, tls = false, name = "oncall@example.com" }),
    ];

    private static object Switch(string property, params Rule[] rules) =>
        new { property, propertyType = "msg", rules = rules.Select(rule => new { t = rule.Test, v = rule.Value, vt = "str", @case = false }), checkall = "false", repair = false, outputs = rules.Length };

    private static object Template(string field, string template) => new { field, fieldType = "msg", format = "handlebars", syntax = "mustache", template, output = "str" };

    /// <summary>Creates a node. A switch has one wire for each output. The single output of the webhook has wires to several nodes.</summary>
    private static Dictionary<string, object?> Node(string id, string type, object settings, params string[] next)
    {
        var node = JsonSerializer.Deserialize<Dictionary<string, object?>>(JsonSerializer.Serialize(settings)) ?? [];
        (node["id"], node["type"], node["z"]) = (id, type, Tab);
        // Node-RED reads a node without a position in the editor as a configuration node.
        (node["x"], node["y"]) = (0, 0);
        node["wires"] = type == "switch" ? next.Select(name => new[] { name }).ToArray() : next.Length == 0 ? Array.Empty<string[]>() : new[] { next };
        return node;
    }

    private sealed record Rule(string Test, string Value);
}
