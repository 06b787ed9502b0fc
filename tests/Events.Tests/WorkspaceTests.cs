namespace MLEvents.Events.Tests;

public sealed class WorkspaceTests
{
    private const string Id = "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.MachineLearningServices/workspaces/w1";

    [Theory]
    [InlineData(Id)]
    [InlineData("/SUBSCRIPTIONS/s1/resourcegroups/g1/Providers/microsoft.machinelearningservices/Workspaces/w1")]
    [InlineData(Id + "/jobs/j1")]
    public void An_arm_id_is_read_ignoring_case(string armId)
    {
        Assert.True(Workspace.TryParse(armId, out var workspace));

        Assert.Equal(new Workspace("s1", "g1", "w1"), workspace);
        Assert.Equal(Id, workspace.ArmId);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/subscriptions/s1")]
    [InlineData("/subscriptions/s1/resourceGroups/g1/providers/Microsoft.MachineLearningServices/workspaces/w1\\..\\vm1?x=")]
    [InlineData("/subscriptions/s1/resourceGroups/g1/providers/Microsoft.MachineLearningServices/workspaces/w1/../../x#y")]
    [InlineData("/subscriptions/s1/resourceGroups/../providers/Microsoft.MachineLearningServices/workspaces/w1")]
    [InlineData("/subscriptions/s1/resourceGroups/g1/providers/Microsoft.MachineLearningServices/workspaces/w1\r\nx")]
    [InlineData("/subscriptions/s1/resourceGroups/g%2F1/providers/Microsoft.MachineLearningServices/workspaces/w1")]
    [InlineData("/subscriptions//resourceGroups/g1/providers/Microsoft.MachineLearningServices/workspaces/w1")]
    [InlineData("/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Storage/storageAccounts/a")]
    public void An_id_that_is_not_the_ARM_id_of_a_workspace_is_refused(string? armId) =>
        Assert.False(Workspace.TryParse(armId, out _));
}
