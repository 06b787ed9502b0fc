using Microsoft.Extensions.Options;

namespace MLEvents.AzureML;

[OptionsValidator]
internal sealed partial class AzureMLOptionsValidator : IValidateOptions<AzureMLOptions>;
