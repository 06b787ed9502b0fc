using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>Every ARM resource by id (ignoring case). Hands out copies only, so a reader never sees half an update.</summary>
internal sealed class ResourceStore
{
    private const string Kind = "resource";
    private readonly Journal _journal;
    private readonly Dictionary<string, JsonObject> _resources = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<string>> _collections = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A store with the resources that an earlier process left.</summary>
    public ResourceStore(Journal journal)
    {
        _journal = journal;
        foreach (var (id, resource) in journal.Restored<Stored>(Kind))
        {
            Add(id, resource);
        }
    }

    /// <summary>A copy of one resource, or null.</summary>
    public JsonObject? Get(string id)
    {
        lock (_journal.Gate)
        {
            return _resources.TryGetValue(id, out var found) ? found.Copy() : null;
        }
    }

    /// <summary>Whether a resource exists.</summary>
    public bool Has(string id)
    {
        lock (_journal.Gate)
        {
            return _resources.ContainsKey(id);
        }
    }

    /// <summary>Stores a new resource; false when the id is taken.</summary>
    public bool TryAdd(string id, JsonObject resource) => _journal.Together(() =>
    {
        if (_resources.ContainsKey(id))
        {
            return false;
        }

        Add(id, resource.Copy());
        Keep(id, resource);
        return true;
    });

    /// <summary>Changes a resource in place and returns a copy of the result; null when there is none.</summary>
    public JsonObject? Update(string id, Action<JsonObject> change) => _journal.Together(() =>
    {
        if (!_resources.TryGetValue(id, out var found))
        {
            return null;
        }

        change(found);
        Keep(id, found);
        return found.Copy();
    });

    /// <summary>Removes a resource and all beneath it; false when there was none.</summary>
    public bool Remove(string id) => _journal.Together(() =>
    {
        var nested = _resources.Keys.Where(key => key.StartsWith(id + "/", StringComparison.OrdinalIgnoreCase)).ToList();
        nested.ForEach(key => Drop(key));
        return Drop(id);
    });

    /// <summary>Copies of the resources directly in a collection (such as <c>{workspace}/jobs</c>), oldest first.</summary>
    public IReadOnlyList<JsonObject> List(string collection) => Select(collection, resource => resource.Copy());

    /// <summary>Something of each resource directly in a collection, oldest first. The resource is not copied: read and let go.</summary>
    public IReadOnlyList<T> Select<T>(string collection, Func<JsonObject, T> read)
    {
        lock (_journal.Gate)
        {
            return _collections.TryGetValue(collection, out var ids) ? [.. ids.Select(id => read(_resources[id]))] : [];
        }
    }

    /// <summary>A copy of the newest resource directly in a collection, or null.</summary>
    public JsonObject? Last(string collection)
    {
        lock (_journal.Gate)
        {
            return _collections.TryGetValue(collection, out var ids) && ids is [.., var last] ? Get(last) : null;
        }
    }

    private static string Collection(string id) => id[..Math.Max(0, id.LastIndexOf('/'))];

    private void Add(string id, JsonObject resource)
    {
        _resources.Add(id, resource);
        var collection = Collection(id);
        if (!_collections.TryGetValue(collection, out var ids))
        {
            _collections[collection] = ids = [];
        }

        ids.Add(id);
    }

    private bool Drop(string id)
    {
        if (!_resources.Remove(id))
        {
            return false;
        }

        _collections[Collection(id)].RemoveAll(member => member.Equals(id, StringComparison.OrdinalIgnoreCase));
        _journal.Remove(Kind, Key(id));
        return true;
    }

    private void Keep(string id, JsonObject resource) => _journal.Put(Kind, Key(id), new Stored(id, resource));

    private static string Key(string id) => id.ToUpperInvariant();

    private sealed record Stored(string Id, JsonObject Resource);
}
