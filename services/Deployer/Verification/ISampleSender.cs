using MLEvents.AzureML.Endpoints;

namespace MLEvents.Deployer.Verification;

/// <summary>Sends sample requests to a deployment.</summary>
internal interface ISampleSender
{
    /// <summary>Sends a request to one deployment of an endpoint, whatever traffic it has.</summary>
    /// <param name="plan">The roll-out.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="body">The body, JSON.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="MLEvents.AzureML.Errors.AzureException">The endpoint's key could not be read, or the endpoint could not be reached.</exception>
    Task<SampleAnswer> SendAsync(RolloutPlan plan, OnlineEndpoint endpoint, string deployment, string body, CancellationToken cancellationToken);
}
