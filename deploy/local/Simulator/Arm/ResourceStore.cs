using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>Every ARM resource by id (ignoring case). Hands out copies only, so a reader never sees half an update.</summary>
internal sealed class ResourceStore
{
    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, JsonObject> _resources = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A copy of one resource, or null.</summary>
    public JsonObject? Get(string id)
    {
        lock (_gate)
        {
            return _resources.TryGetValue(id, out var found) ? found.Copy() : null;
        }
    }

    /// <summary>Whether a resource exists.</summary>
    public bool Has(string id)
    {
        lock (_gate)
        {
            return _resources.ContainsKey(id);
        }
    }

    /// <summary>Stores a new resource; false when the id is taken.</summary>
    public bool TryAdd(string id, JsonObject resource)
    {
        lock (_gate)
        {
            return _resources.TryAdd(id, resource.Copy());
        }
    }

    /// <summary>Changes a resource in place and returns a copy of the result; null when there is none.</summary>
    public JsonObject? Update(string id, Action<JsonObject> change)
    {
        lock (_gate)
        {
            if (!_resources.TryGetValue(id, out var found))
            {
                return null;
            }

            change(found);
            return found.Copy();
        }
    }

    /// <summary>Removes a resource and all beneath it; false when there was none.</summary>
    public bool Remove(string id)
    {
        lock (_gate)
        {
            var nested = _resources.Keys.Where(key => key.StartsWith(id + "/", StringComparison.OrdinalIgnoreCase)).ToList();
            nested.ForEach(key => _resources.Remove(key));
            return _resources.Remove(id);
        }
    }

    /// <summary>Copies of the resources directly in a collection (such as <c>{workspace}/jobs</c>), oldest first.</summary>
    public IReadOnlyList<JsonObject> List(string collection)
    {
        var prefix = collection + "/";
        lock (_gate)
        {
            return [.. _resources
                .Where(pair => pair.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && pair.Key.IndexOf('/', prefix.Length) < 0)
                .Select(pair => pair.Value.Copy())];
        }
    }
}
