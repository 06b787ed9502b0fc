namespace MLEvents.Architecture;

/// <summary>Who may know whom.</summary>
public sealed class ArrowTests
{
    private const string Common = "services/Common/";
    private const string Verify = "deploy/local/Verify";

    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["services/Common/Events"] = [],
        ["services/Common/AzureML"] = [],
        ["services/Common/AzureSteps"] = ["services/Common/AzureML", "services/Common/Ledger"],
        ["services/Common/Rules"] = ["services/Common/Events"],
        ["services/Common/State"] = [],
        ["services/Common/Ledger"] = ["services/Common/Events", "services/Common/State"],
        ["services/Common/ServiceDefaults"] = ["services/Common/Events"],
        ["deploy/local/Sidecar"] = [],
        ["deploy/local/Simulator"] = [],
        ["deploy/containers/Probe"] = [],
    };

    public static TheoryData<string> RoomNames => [.. Rooms.Keys];

    [Theory]
    [MemberData(nameof(RoomNames))]
    public void A_room_knows_only_what_it_may(string room)
    {
        var project = Assert.Single(ProjectFile.All, project => project.Folder == room);

        Assert.Empty(project.References.Except(Rooms[room]));
    }

    [Fact]
    public void A_service_knows_common_rooms_and_no_other_service()
    {
        var services = ProjectFile.All.Where(project => project.Folder.StartsWith("services/", StringComparison.Ordinal) && !project.Folder.StartsWith(Common, StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(services);
        Assert.All(services, service => Assert.All(service.References, reference => Assert.StartsWith(Common, reference, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_ingress_knows_no_rule_and_no_azure_ml()
    {
        var ingress = Assert.Single(ProjectFile.All, project => project.Folder == "services/Ingress");

        Assert.DoesNotContain(ingress.References, reference => reference is Common + "Rules" or Common + "AzureML" or Common + "Ledger");
    }

    [Fact]
    public void Tools_know_common_rooms_and_the_proof_only()
    {
        var tools = ProjectFile.All.Where(project => project.Folder.StartsWith("tools/", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(tools);
        Assert.All(tools, tool => Assert.All(tool.References, reference => Assert.True(reference == Verify || reference.StartsWith(Common, StringComparison.Ordinal), reference)));
    }

    [Fact]
    public void Only_the_host_and_the_tests_know_the_services()
    {
        string[] services = ["services/Ingress", "services/Notifier", "services/Retrainer", "services/Deployer"];

        var knowing = ProjectFile.All.Where(project => project.References.Intersect(services).Any()).Select(project => project.Folder);

        Assert.All(knowing, folder => Assert.True(folder == "deploy/local/Host" || folder.StartsWith("tests/", StringComparison.Ordinal), folder));
    }

    [Fact]
    public void Only_the_azure_room_speaks_to_azure()
    {
        // The Bicep compiler is a program that tests run; it speaks to nobody.
        var speaking = ProjectFile.All.Where(project => project.Packages.Any(package => package.StartsWith("Azure.", StringComparison.Ordinal) && !package.StartsWith("Azure.Bicep.", StringComparison.Ordinal))).Select(project => project.Folder);

        Assert.Equal(["services/Common/AzureML"], speaking);
    }
}
