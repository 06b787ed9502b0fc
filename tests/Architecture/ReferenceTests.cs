namespace MLEvents.Architecture;

/// <summary>Checks which projects reference each other, and which projects use packages of Azure.</summary>
public sealed class ReferenceTests
{
    private const string Common = "services/Common/";
    private static readonly string[] Services = ["services/Ingress", "services/Notifier", "services/Retrainer", "services/Deployer", "services/Dashboard"];

    // The projects that each project may reference, directly or through other projects.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["services/Common/Events"] = [],
        ["services/Common/AzureML"] = ["services/Common/Events"],
        ["services/Common/State"] = [],
        ["services/Common/Rules"] = ["services/Common/Events"],
        ["services/Common/Ledger"] = ["services/Common/Events", "services/Common/State"],
        ["services/Common/AzureSteps"] = ["services/Common/AzureML", "services/Common/Events", "services/Common/Ledger", "services/Common/Rules", "services/Common/State"],
        ["services/Common/ServiceDefaults"] = ["services/Common/Events", "services/Common/State"],
        ["services/Ingress"] = ["services/Common/Events", "services/Common/State", "services/Common/ServiceDefaults"],
        ["services/Notifier"] = ["services/Common/Events", "services/Common/State", "services/Common/ServiceDefaults", "services/Common/Ledger", "services/Common/Rules"],
        ["services/Retrainer"] = ["services/Common/Events", "services/Common/State", "services/Common/ServiceDefaults", "services/Common/Ledger", "services/Common/Rules", "services/Common/AzureML", "services/Common/AzureSteps"],
        ["services/Deployer"] = ["services/Common/Events", "services/Common/State", "services/Common/ServiceDefaults", "services/Common/Ledger", "services/Common/Rules", "services/Common/AzureML", "services/Common/AzureSteps"],
        ["services/Dashboard"] = ["services/Common/Events", "services/Common/State", "services/Common/Rules", "services/Common/ServiceDefaults"],
        ["deploy/local/Sidecar"] = [],
        ["deploy/local/Simulator"] = [],
        ["deploy/local/Simulator/Client"] = [],
        ["deploy/containers/Probe"] = [],
        ["tools/Cli"] = ["services/Common/Events", "services/Common/Rules"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_allowed_projects(string folder)
    {
        var project = Assert.Single(ProjectFile.All, project => project.Folder == folder);

        Assert.Empty(project.TransitiveReferences.Except(Allowed[folder]));
    }

    [Fact]
    public void Every_project_is_listed_except_the_host_the_verification_and_the_tests()
    {
        var others = ProjectFile.All.Select(project => project.Folder).Where(folder => !folder.StartsWith("tests/", StringComparison.Ordinal) && !Allowed.ContainsKey(folder));

        Assert.Equal(["deploy/local/Host", "deploy/local/Verify"], others.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_the_host_the_verification_and_the_tests_reference_services()
    {
        var referencing = ProjectFile.All.Where(project => project.TransitiveReferences.Intersect(Services).Any()).Select(project => project.Folder);

        Assert.All(referencing, folder => Assert.True(folder is "deploy/local/Host" or "deploy/local/Verify" || folder.StartsWith("tests/", StringComparison.Ordinal), folder));
    }

    [Fact]
    public void A_service_references_common_projects_only() =>
        Assert.All(ProjectFile.All.Where(project => Services.Contains(project.Folder)), service =>
            Assert.All(service.TransitiveReferences, reference => Assert.StartsWith(Common, reference, StringComparison.Ordinal)));

    [Fact]
    public void Only_the_azure_project_uses_azure_packages()
    {
        // The Bicep compiler is a program that tests run; it calls no service of Azure.
        var users = ProjectFile.All
            .Where(project => project.Packages.Any(package => package.StartsWith("Azure.", StringComparison.Ordinal) && !package.StartsWith("Azure.Bicep.", StringComparison.Ordinal)))
            .Select(project => project.Folder);

        Assert.Equal(["services/Common/AzureML"], users);
    }
}
