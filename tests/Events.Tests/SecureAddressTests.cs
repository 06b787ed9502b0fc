namespace MLEvents.Events.Tests;

public sealed class SecureAddressTests
{
    [Theory]
    [InlineData("https://login.example.com/token", true)]
    [InlineData("http://127.0.0.1:5100/", true)]
    [InlineData("http://localhost/", true)]
    [InlineData("http://login.example.com/token", false)]
    [InlineData("ftp://127.0.0.1/", false)]
    [InlineData("token", false)]
    [InlineData(null, false)]
    public void An_address_is_secure_if_it_is_https_or_on_this_machine(string? address, bool secure) =>
        Assert.Equal(secure, SecureAddress.IsSecure(address is null ? null : new Uri(address, UriKind.RelativeOrAbsolute)));
}
