namespace MLEvents.Rules.Tests.Jobs;

/// <summary>Job files that cannot be translated are refused when the rules are loaded. The error names the place and the remedy.</summary>
public sealed class JobErrorTests
{
    private const string Sweep = "type: sweep\ntrial: { command: x, environment: azureml:e:1 }\nsampling_algorithm: grid\nobjective: { goal: maximize, primary_metric: m }\n";
    private const string Base = "command: x\nenvironment: azureml:e:1\n";

    [Theory]
    [InlineData(Base + "code: ./src", "job.yaml(3,7): 'code: ./src' is not a registered code asset, and rules upload nothing; register a component with the code (az ml component create --file …) and run it in a pipeline job, or name a registered code asset (code: azureml:name:version)")]
    [InlineData("command: x\nenvironment: { image: python }", "job.yaml(2,14): the environment cannot be written in the job; register it (az ml environment create --file …) and refer to it with azureml:name:version")]
    [InlineData("command: x\nenvironment: file:env.yaml", "job.yaml(2,14): 'file:env.yaml' is not a reference to an environment with a version, such as azureml:name:version")]
    [InlineData("command: x\nenvironment: azureml:mine@latest", "job.yaml(2,14): 'azureml:mine@latest' names the label 'latest' and no version; only the Azure CLI looks labels up, so a rule must name the version: azureml:mine:1")]
    [InlineData("command: x", "job.yaml(1,1): 'environment' is missing")]
    [InlineData("environment: azureml:e:1", "job.yaml(1,1): 'command' is missing")]
    [InlineData(Base + "compute: local", "job.yaml(3,10): 'local' is not possible, because rules run nothing on the local machine; name a compute target: azureml:name")]
    [InlineData(Base + "compute: cpu", "job.yaml(3,10): 'cpu' must begin with 'azureml:': azureml:cpu")]
    [InlineData(Base + "compute: 'azureml:'", "job.yaml(3,10): 'azureml:' contains no name; name a compute target: azureml:name")]
    [InlineData(Base + "compute: 'azureml: '", "job.yaml(3,10): 'azureml: ' contains no name; name a compute target: azureml:name")]
    [InlineData(Base + "inputs: { d: { path: data/ } }", "job.yaml(3,22): 'data/' is a local path, and rules upload nothing; name a data asset (azureml:name:version), a path of a datastore (azureml://datastores/…/paths/…) or a URI")]
    [InlineData(Base + "inputs: { d: { type: uri_foldr, path: azureml:d:1 } }", "job.yaml(3,22): 'type' must be one of uri_folder, uri_file, mltable, mlflow_model, custom_model, triton_model, string, integer, number, boolean, not 'uri_foldr'; did you mean 'uri_folder'?")]
    [InlineData(Base + "inputs: { d: { type: number, value: much } }", "job.yaml(3,37): the value of 'd' must be a number, not 'much'")]
    [InlineData(Base + "inputs: { d: { type: number } }", "job.yaml(3,14): the input 'd' needs a 'value'")]
    [InlineData(Base + "inputs: { d: { path: azureml:d:1, mod: x } }", "job.yaml(3,35): unknown key 'mod'; did you mean 'mode'?")]
    [InlineData(Base + "outputs: { d: { mode: uplod } }", "job.yaml(3,23): 'mode' must be one of rw_mount, mount, upload, direct, not 'uplod'; did you mean 'upload'?")]
    [InlineData(Base + "outputs: { d: x }", "job.yaml(3,15): an output must be a mapping, or bound to an output of the pipeline (${{parent.outputs.name}}), not 'x'")]
    [InlineData(Base + "limit: {}", "job.yaml(3,1): unknown key 'limit'; did you mean 'limits'?")]
    [InlineData(Base + "queue_settings: { priority: high }", "job.yaml(3,19): unknown key 'priority'")]
    [InlineData("type: automl", "job.yaml(1,7): jobs of type 'automl' are not translated; expected one of: command, pipeline, sweep. A job of another type can run as a node of a pipeline component")]
    [InlineData("type: pipeline\njobs: { a: { component: ./train.yml } }", "job.yaml(2,25): './train.yml' must name a registered component with its version or the label latest, such as azureml:name:version; if it is not registered yet, register it (az ml component create --file …), because rules upload nothing")]
    [InlineData("type: pipeline\njobs: { a: { type: command, command: x, code: ./src, environment: azureml:e:1 } }", "job.yaml(2,12): a node needs a registered component (component: azureml:name:version), because rules upload nothing; register the component first (az ml component create --file …)")]
    [InlineData("type: pipeline\njobs: { a: { type: parallel, component: azureml:c:1 } }", "job.yaml(2,20): nodes of type 'parallel' are not translated; put the node into a pipeline component (az ml component create --file …) and refer to the component with 'type: pipeline' and 'component: azureml:name:version'")]
    [InlineData("type: pipeline\njobs: { a: { type: parallel, task: { type: run_function } } }", "job.yaml(2,20): nodes of type 'parallel' are not translated; put the node into a pipeline component (az ml component create --file …) and refer to the component with 'type: pipeline' and 'component: azureml:name:version'")]
    [InlineData("type: pipeline", "job.yaml(1,1): 'jobs' is missing")]
    [InlineData("type: pipeline\nsettings: { default_datastore: blob }\njobs: {}", "job.yaml(2,32): 'blob' must begin with 'azureml:': azureml:blob")]
    [InlineData("type: pipeline\nsettings: { default_datastore: 'azureml:' }\njobs: {}", "job.yaml(2,32): 'azureml:' contains no name; name a datastore: azureml:name")]
    [InlineData("type: pipeline\nsettings: { default_datastore: 'azureml://datastores/blob' }\njobs: {}", "job.yaml(2,32): 'azureml://datastores/blob' is the URI of data, not a reference to a datastore; name a datastore: azureml:name")]
    [InlineData("type: pipeline\nsettings: { default_datastore: 'azureml:azureml://datastores/blob' }\njobs: {}", "job.yaml(2,32): 'azureml:azureml://datastores/blob' is the URI of data, not a reference to a datastore; name a datastore: azureml:name")]
    [InlineData("type: pipeline\nsettings: { default_datastore: 'azureml:/subscriptions/s/resourceGroups/g/computes/x' }\njobs: {}", "job.yaml(2,32): 'azureml:/subscriptions/s/resourceGroups/g/computes/x' is neither the name nor the ARM id of a datastore; name a datastore: azureml:name or azureml:/subscriptions/…/datastores/name")]
    [InlineData("type: pipeline\nsettings: { default_datastore: 'azureml:/subscriptions/s/resourceGroups/g/datastores/' }\njobs: {}", "job.yaml(2,32): 'azureml:/subscriptions/s/resourceGroups/g/datastores/' is neither the name nor the ARM id of a datastore; name a datastore: azureml:name or azureml:/subscriptions/…/datastores/name")]
    [InlineData("type: pipeline\nsettings: { default_datastore: 'azureml:datastores/blob' }\njobs: {}", "job.yaml(2,32): 'azureml:datastores/blob' is neither the name nor the ARM id of a datastore; name a datastore: azureml:name or azureml:/subscriptions/…/datastores/name")]
    [InlineData("type: pipeline\nsettings: { default_datastore: 'azureml:blob:1' }\njobs: {}", "job.yaml(2,32): 'azureml:blob:1' is neither the name nor the ARM id of a datastore; name a datastore: azureml:name or azureml:/subscriptions/…/datastores/name")]
    [InlineData("type: sweep", "job.yaml(1,1): 'trial' is missing\njob.yaml(1,1): 'sampling_algorithm' is missing\njob.yaml(1,1): 'search_space' is missing\njob.yaml(1,1): 'objective' is missing")]
    [InlineData(Sweep + "search_space: {}\nlimits: { timeout: 1h }", "job.yaml(6,20): 'timeout' must be a whole number from 1 to 2147483647, not '1h'")]
    [InlineData("type: sweep\ntrial: ./trial.yaml\nsampling_algorithm: grid\nobjective: { goal: maximize, primary_metric: m }\nsearch_space: {}", "job.yaml(2,8): a trial in a separate file is not read; write the trial into the job file")]
    [InlineData(Sweep + "search_space: { a: { type: choise } }", "job.yaml(5,28): 'type' must be one of choice, uniform, loguniform, quniform, qloguniform, normal, lognormal, qnormal, qlognormal, randint, not 'choise'; did you mean 'choice'?")]
    [InlineData(Sweep + "search_space: { a: { type: uniform, min_value: 1 } }", "job.yaml(5,20): 'max_value' is missing")]
    [InlineData(Sweep + "search_space: { a: { type: randint, upper: many } }", "job.yaml(5,44): 'upper' must be a number, not 'many'")]
    [InlineData(Base + "distribution: { worker_count: 1 }", "job.yaml(3,15): 'type' is missing")]
    [InlineData(Base + "identity: { client_id: c }", "job.yaml(3,11): 'type' is missing")]
    [InlineData(Sweep + "search_space: {}\nearly_termination: { slack_factor: 0.1 }", "job.yaml(6,20): 'type' is missing")]
    [InlineData("type: sweep\ntrial: { command: x, environment: azureml:e:1 }\nsampling_algorithm: { seed: 3 }\nobjective: { goal: maximize, primary_metric: m }\nsearch_space: {}", "job.yaml(3,21): 'type' is missing")]
    public void The_error_about_a_wrong_job_has_its_place_and_the_remedy(string job, string errors) => Assert.Equal(errors, JobYaml.Errors(job));
}
