using MLEvents.AzureML.Connection;

namespace MLEvents.AzureML.Tests;

/// <summary>The identity of the default credential, if the environment of the process names an identity.</summary>
[Collection(ProcessEnvironmentGroup.Name)]
public sealed class CredentialsTests : IDisposable
{
    private const string Variable = "AZURE_CLIENT_ID";

    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, _before);

    [Theory]
    [InlineData(null, "00000000-5555-6666-7777-888888888888")]
    [InlineData("", "00000000-5555-6666-7777-888888888888")]
    [InlineData("00000000-1111-2222-3333-444444444444", "00000000-1111-2222-3333-444444444444")]
    public void The_default_credential_uses_the_workload_identity_of_the_environment_unless_ClientId_names_another(string? clientId, string expected)
    {
        Environment.SetEnvironmentVariable(Variable, "00000000-5555-6666-7777-888888888888");

        var credential = Credentials.Default(new() { ClientId = clientId });

        Assert.Equal(expected, credential.WorkloadIdentityClientId);
    }
}

/// <summary>Tests that change the environment of the process. They do not run at the same time as other tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessEnvironmentGroup
{
    /// <summary>The group's name.</summary>
    public const string Name = "process environment";
}
