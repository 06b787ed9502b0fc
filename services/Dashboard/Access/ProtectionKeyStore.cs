using System.Xml.Linq;

using Microsoft.AspNetCore.DataProtection.Repositories;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Access;

/// <summary>Stores the data protection keys in the history database, so that a sign-in is valid at all replicas and after a restart.</summary>
internal sealed class ProtectionKeyStore(HistoryDatabase database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var context = database.Open();
        return [.. context.ProtectionKeys.Select(key => key.Xml).AsEnumerable().Select(xml => XElement.Parse(xml))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var context = database.Open();
        context.ProtectionKeys.Add(new ProtectionKey { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        context.SaveChanges();
    }
}
