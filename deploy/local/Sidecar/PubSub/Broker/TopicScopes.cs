using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>
/// Which topics of a component the app may use, from the metadata items <c>allowedTopics</c>, <c>protectedTopics</c>, <c>publishingScopes</c> and <c>subscriptionScopes</c>.
/// </summary>
internal sealed class TopicScopes
{
    private readonly HashSet<string> _allowed;
    private readonly HashSet<string> _protected;
    private readonly HashSet<string>? _publishing;
    private readonly HashSet<string>? _subscription;

    public TopicScopes(ComponentSpec spec, string appId)
    {
        _allowed = Split(spec.Setting("allowedTopics"));
        _protected = Split(spec.Setting("protectedTopics"));
        _publishing = Scope(spec.Setting("publishingScopes"), appId);
        _subscription = Scope(spec.Setting("subscriptionScopes"), appId);
    }

    public bool MayPublish(string topic) => May(topic, _publishing);

    public bool MaySubscribe(string topic) => May(topic, _subscription);

    // As in daprd, spaces are removed and empty names are kept. A list with only commas or spaces therefore contains only empty names: it is set, but names no topic.
    private static HashSet<string> Split(string? text) =>
        text is null ? [] : [.. WithoutSpaces(text).Split(',')];

    /// <summary>
    /// Returns the topics of the app from a list such as <c>app1=a,b;app2=c</c>; null if the list does not contain the app.
    /// As in daprd, several entries of the app are merged, and an entry without <c>=</c> is ignored.
    /// </summary>
    private static HashSet<string>? Scope(string? text, string appId)
    {
        HashSet<string>? topics = null;
        foreach (var entry in WithoutSpaces(text ?? "").Split(';'))
        {
            if (entry.Split('=') is [var app, var list, ..] && app == appId)
            {
                (topics ??= []).UnionWith(Split(list));
            }
        }

        return topics;
    }

    private static string WithoutSpaces(string text) => text.Replace(" ", "", StringComparison.Ordinal);

    private bool May(string topic, HashSet<string>? scope) =>
        (_allowed.Count == 0 || _allowed.Contains(topic)) && (scope?.Contains(topic) ?? !_protected.Contains(topic));
}
