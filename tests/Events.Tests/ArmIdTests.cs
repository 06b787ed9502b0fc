namespace MLEvents.Events.Tests;

public sealed class ArmIdTests
{
    [Theory]
    [InlineData("/subscriptions/S/resourceGroups/G", "/subscriptions/s/resourcegroups/g")]
    [InlineData("/SUBSCRIPTIONS/s/resourcegroups/g/", "/subscriptions/s/resourcegroups/g")]
    [InlineData("https://example.com/A/", "https://example.com/A/")]
    public void Only_ARM_ids_are_normalized(string text, string expected) => Assert.Equal(expected, ArmId.Normalize(text));
}
