namespace MLEvents.Events.Tests;

public sealed class ArmIdTests
{
    [Theory]
    [InlineData("/subscriptions/S/resourceGroups/G", "/subscriptions/s/resourcegroups/g")]
    [InlineData("/SUBSCRIPTIONS/s/resourcegroups/g/", "/subscriptions/s/resourcegroups/g")]
    [InlineData("https://example.com/A/", "https://example.com/A/")]
    public void Only_ARM_ids_are_normalized(string text, string expected) => Assert.Equal(expected, ArmId.Normalize(text));

    [Theory]
    [InlineData("/SUBSCRIPTIONS/s/resourceGroups/G//", "/subscriptions/s/resourcegroups/g")]
    [InlineData("/subscriptions/S/resourceGroups/G/providers/P.q/workspaces/W-1_(a)~", "/subscriptions/s/resourcegroups/g/providers/p.q/workspaces/w-1_(a)~")]
    [InlineData("/subscriptions/S/resourceGroups/G/Run", "/subscriptions/S/resourceGroups/G/Run")]
    [InlineData("/subscriptions/S: Run", "/subscriptions/S: Run")]
    [InlineData("/subscriptions/S//Run/a", "/subscriptions/S//Run/a")]
    [InlineData("Run-A/", "Run-A/")]
    [InlineData("", "")]
    public void A_key_is_normalized_only_if_the_whole_key_is_an_ARM_id(string text, string expected) => Assert.Equal(expected, ArmId.NormalizeWhole(text));
}
