using System.Xml.Linq;

using Microsoft.AspNetCore.DataProtection.Repositories;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Access;

/// <summary>Stores the data protection keys in the history database, so that a sign-in is valid at all replicas and after a restart.</summary>
internal sealed class ProtectionKeyStore(HistoryDatabase database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = database.Open();
        return [.. connection.Query($"""SELECT "Xml" FROM "ProtectionKeys" """, row => XElement.Parse(row.GetString(0)))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = database.Open();
        connection.Execute($"""INSERT INTO "ProtectionKeys" ("Name", "Xml") VALUES ({friendlyName}, {element.ToString(SaveOptions.DisableFormatting)})""");
    }
}
