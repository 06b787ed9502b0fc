using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>All ARM resources by id, ignoring case. All methods except <see cref="Select{T}"/> return copies, so that a reader never sees a partial update.</summary>
internal sealed class ResourceStore
{
    private const string Kind = "resource";
    private readonly Journal _journal;
    private readonly Dictionary<string, JsonObject> _resources = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<string>> _collections = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates the store with the resources of an earlier process.</summary>
    public ResourceStore(Journal journal)
    {
        _journal = journal;
        foreach (var (id, resource) in journal.Restored<StoredResource>(Kind))
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

    /// <summary>Adds a resource; false when the id exists.</summary>
    public bool TryAdd(string id, JsonObject resource) => _journal.Commit(() =>
    {
        if (_resources.ContainsKey(id))
        {
            return false;
        }

        Add(id, resource.Copy());
        Save(id, resource);
        return true;
    });

    /// <summary>Changes a resource and returns a copy of the result; null when it does not exist.</summary>
    public JsonObject? Update(string id, Action<JsonObject> change) => _journal.Commit(() =>
    {
        if (!_resources.TryGetValue(id, out var found))
        {
            return null;
        }

        change(found);
        Save(id, found);
        return found.Copy();
    });

    /// <summary>Removes a resource and its children; false when it does not exist.</summary>
    public bool Remove(string id) => _journal.Commit(() =>
    {
        var nested = _resources.Keys.Where(key => key.StartsWith(id + "/", StringComparison.OrdinalIgnoreCase)).ToList();
        nested.ForEach(key => Drop(key));
        return Drop(id);
    });

    /// <summary>Copies of the resources directly in a collection (such as <c>{workspace}/jobs</c>), oldest first.</summary>
    public IReadOnlyList<JsonObject> List(string collection) => Select(collection, resource => resource.Copy());

    /// <summary>Calls a function for each resource directly in a collection, oldest first, and returns the results. The store is locked during the calls. The resources are not copied; do not keep a reference.</summary>
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

        var collection = Collection(id);
        var ids = _collections[collection];
        ids.RemoveAll(member => member.Equals(id, StringComparison.OrdinalIgnoreCase));
        if (ids.Count == 0)
        {
            _collections.Remove(collection);
        }

        _journal.Remove(Kind, Key(id));
        return true;
    }

    private void Save(string id, JsonObject resource) => _journal.Put(Kind, Key(id), new StoredResource(id, resource));

    private static string Key(string id) => id.ToUpperInvariant();

    internal sealed record StoredResource(string Id, JsonObject Resource);
}
