using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;

using MLEvents.Events;

namespace MLEvents.Manifests.Components;

/// <summary>Compares the topic scopes of the components with the subscriptions of the services.</summary>
public sealed class TopicScopeTests
{
    private static readonly string[] EventTopics =
    [
        Topics.ModelRegistered, Topics.ModelDeployed, Topics.RunCompleted, Topics.RunStatusChanged, Topics.DatasetDriftDetected, Topics.OtherEvents,
    ];

    private static readonly string[] Folders = ["redis", "azure"];

    public static TheoryData<string, string> Subscribers => new(
        from folder in Folders
        from app in ComponentFile.Apps
        select (folder, app));

    [Theory]
    [MemberData(nameof(Subscribers))]
    public async Task The_subscription_scopes_of_an_app_are_its_subscriptions(string folder, string app)
    {
        var asked = await SubscriptionsAsync(app);

        // Each service except the ingress may subscribe to workflow-activity. A service with rules does so only if one of its rules names ActionChanged.
        string[] allowed = [.. asked.Select(item => item.Topic).Union(app is "ingress" ? [] : [Topics.WorkflowActivity])];
        Assert.Equal(allowed.Order(), TopicNames.Scopes(ComponentFile.Find(folder, Topics.PubSub), "subscriptionScopes")[app].Order());

        // The subscriptions of the ingress have no dead-letter topic.
        var deadLetters = app == "ingress" ? "" : Topics.DeadLetters;
        Assert.All(asked, item => Assert.Equal((Topics.PubSub, deadLetters), (item.PubSub, item.DeadLetters)));
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("azure")]
    public void The_publishing_scopes_of_an_app_are_the_topics_to_which_it_publishes(string folder)
    {
        var scopes = TopicNames.Scopes(ComponentFile.Find(folder, Topics.PubSub), "publishingScopes");

        Assert.Equal([.. EventTopics, Topics.Quarantine], scopes["ingress"]);
        Assert.All(["retrainer", "deployer"], app => Assert.Equal([Topics.WorkflowActivity, Topics.Approvals, Topics.DeadLetters], scopes[app]));
        Assert.Equal([Topics.WorkflowActivity, Topics.DeadLetters], scopes["notifier"]);
        Assert.Equal([Topics.DeadLetters], scopes["dashboard"]);
        Assert.Equal(TopicNames.All.Order(), scopes.Values.SelectMany(topics => topics).Distinct().Order());
    }

    private static async Task<List<(string PubSub, string Topic, string DeadLetters)>> SubscriptionsAsync(string app)
    {
        using var folder = new TempFolder();
        await using var service = await RunningService.StartAsync(
            configure => Create(app, configure),
            new Dictionary<string, string?>
            {
                // No sidecar is needed to read the subscriptions.
                ["DAPR_HTTP_ENDPOINT"] = "http://127.0.0.1:1",
                ["DAPR_GRPC_ENDPOINT"] = "http://127.0.0.1:1",
                ["Rules:Directory"] = Repository.PathOf("rules"),
                ["History:File"] = Path.Combine(folder.Path, "dashboard.db"),
                ["Mail:From"] = "mlevents@example.com",
                ["Ingress:Keys:0"] = "0123456789abcdef",
                ["AzureML:Workspaces:0"] = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/*/providers/Microsoft.MachineLearningServices/workspaces/*",
            },
            TestContext.Current.CancellationToken);
        var answer = JsonNode.Parse(await service.Sidecar.GetStringAsync(new Uri("/dapr/subscribe", UriKind.Relative), TestContext.Current.CancellationToken));
        return [.. answer?.AsArray().Select(item => ((string?)item?["pubsubName"] ?? "", (string?)item?["topic"] ?? "", (string?)item?["deadLetterTopic"] ?? "")) ?? []];
    }

    private static WebApplication Create(string app, Action<WebApplicationBuilder> configure) => app switch
    {
        "ingress" => Ingress.IngressService.Create([], configure),
        "notifier" => Notifier.NotifierService.Create([], configure),
        "retrainer" => Retrainer.RetrainerService.Create([], configure),
        "dashboard" => Dashboard.DashboardService.Create([], configure),
        _ => Deployer.DeployerService.Create([], configure),
    };
}
