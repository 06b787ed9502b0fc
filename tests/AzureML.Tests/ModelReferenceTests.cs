using MLEvents.AzureML.Models;

namespace MLEvents.AzureML.Tests;

public sealed class ModelReferenceTests
{
    [Theory]
    [InlineData("/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/models/churn/versions/3")]
    [InlineData("/subscriptions/s/resourcegroups/g/providers/microsoft.machinelearningservices/workspaces/w/Models/churn/Versions/3")]
    [InlineData("azureml://registries/shared/models/churn/versions/3")]
    public void The_model_of_an_asset_id_is_read_in_any_casing(string id) => Assert.Equal(new ModelReference("churn", "3"), ModelReference.Parse(id));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("azureml:churn:3")]
    [InlineData("azureml://registries/shared/models/churn/labels/latest")]
    [InlineData("azureml://registries/shared/environments/churn/versions/3")]
    [InlineData("azureml://registries/shared/models/churn/versions/")]
    public void An_id_in_another_form_is_not_the_id_of_a_model(string? id) => Assert.Null(ModelReference.Parse(id));
}
