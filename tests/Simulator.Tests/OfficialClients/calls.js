// Calls the simulator with Azure's official clients: node calls.js ADDRESS. Prints a line for each call: its name, a tab, and `ok` or the error.
import assert from "node:assert/strict";
import { AzureMachineLearningWorkspaces } from "@azure/arm-machinelearning";
import { DataFactoryManagementClient } from "@azure/arm-datafactory";
import { EventGridManagementClient } from "@azure/arm-eventgrid";

const address = process.argv[2];
const subscription = "00000000-0000-0000-0000-000000000001";
const [group, workspace, factory] = ["ml-local", "ml-local", "adf-local"];
const workspaceId = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
// Event Grid addresses a resource by its id without the first slash.
const scope = workspaceId.slice(1);
const poll = { updateIntervalInMs: 20 };

// The clients send tokens only over https. This policy sends the token to the loopback address over http.
function client(type) {
  const credential = { getToken: async () => ({ token: "local", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const created = new type(credential, subscription, { endpoint: address, allowInsecureConnection: true, retryOptions: { maxRetries: 0 } });
  created.pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
  created.pipeline.addPolicy({ name: "local", sendRequest: (request, next) => { request.headers.set("authorization", "Bearer local"); return next(request); } });
  return created;
}

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

async function refusal(call) {
  try { await call; } catch (error) { return error; }
  throw new Error("the call was not refused");
}

async function until(read, done) {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const found = await read();
    if (done(found)) return found;
  }
  throw new Error("the state was not reached in 10 s");
}

const ml = client(AzureMachineLearningWorkspaces);
const df = client(DataFactoryManagementClient);
const eg = client(EventGridManagementClient);
const job = (name, more) => ml.jobs.createOrUpdate(group, workspace, name, { properties: { jobType: "Command", command: "python train.py", environmentId: `${workspaceId}/environments/train/versions/1`, tags: { team: "a" }, ...more } });
const deployment = (model) => ({ location: "westeurope", sku: { name: "Default", capacity: 1 }, properties: { endpointComputeType: "Managed", model, instanceType: "Standard_DS3_v2" } });

const calls = {
  "machine learning uses api-version 2022-10-01": async () => assert.equal(ml.apiVersion, "2022-10-01"),
  "Workspaces_Get": async () => assert.equal((await ml.workspaces.get(group, workspace)).name, workspace),
  "Workspaces_ListByResourceGroup": async () => assert.equal((await all(ml.workspaces.listByResourceGroup(group))).length, 1),
  "Workspaces_ListBySubscription": async () => assert.equal((await all(ml.workspaces.listBySubscription())).length, 1),
  "Jobs_CreateOrUpdate": async () => {
    const created = await job("one", { outputs: { model: { jobOutputType: "mlflow_model", mode: "ReadWriteMount" } }, inputs: { rate: { jobInputType: "literal", value: "0.1" } } });
    assert.equal(created.properties.jobType, "Command");
    assert.equal(created.properties.outputs.model.jobOutputType, "mlflow_model");
    assert.equal(created.properties.inputs.rate.value, "0.1");
    assert.ok(created.systemData.createdAt instanceof Date);
  },
  "Jobs_CreateOrUpdate changes tags of an existing job": async () => assert.deepEqual((await job("one", { tags: { team: "b" }, outputs: { model: { jobOutputType: "mlflow_model", mode: "ReadWriteMount" } }, inputs: { rate: { jobInputType: "literal", value: "0.1" } } })).properties.tags, { team: "b" }),
  "Jobs_Get until the job has ended": async () => await until(() => ml.jobs.get(group, workspace, "one"), (found) => found.properties.status === "Completed"),
  "Jobs_Get of an unknown job": async () => {
    const error = await refusal(ml.jobs.get(group, workspace, "unknown"));
    assert.equal(error.statusCode, 404);
    assert.ok(error.code, "the error has a code");
  },
  "Jobs_List by type and tag": async () => assert.deepEqual((await all(ml.jobs.list(group, workspace, { jobType: "Command", tag: "team" }))).map((found) => found.name), ["one"]),
  "Jobs_Cancel": async () => {
    await job("two");
    await ml.jobs.beginCancelAndWait(group, workspace, "two", poll);
    await until(() => ml.jobs.get(group, workspace, "two"), (found) => ["Canceled", "Completed"].includes(found.properties.status));
  },
  "Jobs_Delete": async () => {
    await ml.jobs.beginDeleteAndWait(group, workspace, "two", poll);
    assert.equal((await refusal(ml.jobs.get(group, workspace, "two"))).statusCode, 404);
  },
  "ModelContainers_CreateOrUpdate": async () => assert.deepEqual((await ml.modelContainers.createOrUpdate(group, workspace, "churn", { properties: { description: "churn", tags: { a: "b" } } })).properties.tags, { a: "b" }),
  "ModelVersions_CreateOrUpdate": async () => assert.equal((await ml.modelVersions.createOrUpdate(group, workspace, "churn", "1", { properties: { modelType: "mlflow_model", modelUri: "azureml://jobs/one/outputs/artifacts/model", tags: { stage: "production" } } })).properties.modelType, "mlflow_model"),
  "ModelVersions_Get has flavors": async () => assert.deepEqual((await ml.modelVersions.get(group, workspace, "churn", "1")).properties.flavors, {}),
  "ModelVersions_List by tag, ordered": async () => assert.deepEqual((await all(ml.modelVersions.list(group, workspace, "churn", { tags: "stage=production", orderBy: "createdtime desc" }))).map((found) => found.name), ["1"]),
  "ModelContainers_List": async () => assert.ok((await all(ml.modelContainers.list(group, workspace))).some((found) => found.name === "churn")),
  "OnlineEndpoints_CreateOrUpdate": async () => {
    const created = await ml.onlineEndpoints.beginCreateOrUpdateAndWait(group, workspace, "churn-scoring", { location: "westeurope", properties: { authMode: "Key" } }, poll);
    assert.equal(created.properties.provisioningState, "Succeeded");
    assert.match(created.properties.scoringUri, /score/);
  },
  "OnlineDeployments_CreateOrUpdate": async () => {
    const created = await ml.onlineDeployments.beginCreateOrUpdateAndWait(group, workspace, "churn-scoring", "blue", deployment(`${workspaceId}/models/churn/versions/1`), poll);
    assert.equal(created.properties.provisioningState, "Succeeded");
    assert.equal(created.properties.scaleSettings.scaleType, "Default");
  },
  "OnlineEndpoints_CreateOrUpdate moves traffic": async () => {
    const endpoint = await ml.onlineEndpoints.get(group, workspace, "churn-scoring");
    endpoint.properties.traffic = { blue: 100 };
    assert.deepEqual((await ml.onlineEndpoints.beginCreateOrUpdateAndWait(group, workspace, "churn-scoring", endpoint, poll)).properties.traffic, { blue: 100 });
  },
  "OnlineEndpoints_CreateOrUpdate refuses traffic to an unknown deployment": async () => {
    const endpoint = await ml.onlineEndpoints.get(group, workspace, "churn-scoring");
    endpoint.properties.traffic = { red: 100 };
    assert.equal((await refusal(ml.onlineEndpoints.beginCreateOrUpdateAndWait(group, workspace, "churn-scoring", endpoint, poll))).statusCode, 400);
  },
  "OnlineEndpoints_ListKeys, RegenerateKeys": async () => {
    const before = await ml.onlineEndpoints.listKeys(group, workspace, "churn-scoring");
    await ml.onlineEndpoints.beginRegenerateKeysAndWait(group, workspace, "churn-scoring", { keyType: "Primary" }, poll);
    const after = await ml.onlineEndpoints.listKeys(group, workspace, "churn-scoring");
    assert.notEqual(after.primaryKey, before.primaryKey);
    assert.equal(after.secondaryKey, before.secondaryKey);
  },
  "OnlineEndpoints_Update": async () => assert.equal((await ml.onlineEndpoints.beginUpdateAndWait(group, workspace, "churn-scoring", { tags: { a: "b" } }, poll)).tags.a, "b"),
  "OnlineDeployments_Update keeps the name of the SKU": async () => assert.deepEqual((await ml.onlineDeployments.beginUpdateAndWait(group, workspace, "churn-scoring", "blue", { sku: { capacity: 2 } }, poll)).sku, { name: "Default", capacity: 2 }),
  "OnlineDeployments_ListSkus": async () => assert.ok((await all(ml.onlineDeployments.listSkus(group, workspace, "churn-scoring", "blue"))).length > 0),
  "OnlineDeployments_GetLogs": async () => assert.equal(typeof (await ml.onlineDeployments.getLogs(group, workspace, "churn-scoring", "blue", { tail: 10 })).content, "string"),
  "OnlineDeployments_List": async () => assert.deepEqual((await all(ml.onlineDeployments.list(group, workspace, "churn-scoring"))).map((found) => found.name), ["blue"]),
  "OnlineDeployments_Delete, OnlineEndpoints_Delete": async () => {
    const endpoint = await ml.onlineEndpoints.get(group, workspace, "churn-scoring");
    endpoint.properties.traffic = {};
    await ml.onlineEndpoints.beginCreateOrUpdateAndWait(group, workspace, "churn-scoring", endpoint, poll);
    await ml.onlineDeployments.beginDeleteAndWait(group, workspace, "churn-scoring", "blue", poll);
    await ml.onlineEndpoints.beginDeleteAndWait(group, workspace, "churn-scoring", poll);
    assert.equal((await refusal(ml.onlineEndpoints.get(group, workspace, "churn-scoring"))).statusCode, 404);
  },
  "BatchEndpoints_List, BatchDeployments_List": async () => {
    const endpoints = await all(ml.batchEndpoints.list(group, workspace));
    assert.deepEqual(endpoints.map((found) => found.name), ["churn-training"]);
    assert.equal((await all(ml.batchDeployments.list(group, workspace, "churn-training"))).length, 1);
  },
  "Factories_Get": async () => assert.equal((await df.factories.get(group, factory)).name, factory),
  "Pipelines_ListByFactory, Get": async () => {
    assert.ok((await all(df.pipelines.listByFactory(group, factory))).some((found) => found.name === "retrain"));
    assert.equal((await df.pipelines.get(group, factory, "retrain")).parameters.coefficient.type, "Float");
  },
  "Pipelines_CreateOrUpdate refuses an old ETag": async () => assert.equal((await refusal(df.pipelines.createOrUpdate(group, factory, "retrain", { activities: [] }, { ifMatch: "\"old\"" }))).statusCode, 412),
  "Pipelines_CreateRun, PipelineRuns_Get, ActivityRuns_QueryByPipelineRun": async () => {
    const { runId } = await df.pipelines.createRun(group, factory, "retrain", { parameters: { monitor: "m" } });
    const run = await until(() => df.pipelineRuns.get(group, factory, runId), (found) => found.status === "Succeeded");
    assert.equal(run.parameters.monitor, "m");
    const period = { lastUpdatedAfter: new Date(Date.now() - 3_600_000), lastUpdatedBefore: new Date(Date.now() + 3_600_000) };
    assert.ok((await df.activityRuns.queryByPipelineRun(group, factory, runId, period)).value.length > 0);
    const found = await df.pipelineRuns.queryByFactory(group, factory, { ...period, filters: [{ operand: "PipelineName", operator: "Equals", values: ["retrain"] }, { operand: "LatestOnly", operator: "Equals", values: ["true"] }], orderBy: [{ orderBy: "RunStart", order: "DESC" }] });
    assert.equal(found.value[0].runId, runId);
    const again = await df.pipelines.createRun(group, factory, "retrain", { referencePipelineRunId: runId, isRecovery: true });
    assert.equal((await df.pipelineRuns.get(group, factory, again.runId)).runGroupId, run.runGroupId);
  },
  "PipelineRuns_Cancel": async () => {
    const { runId } = await df.pipelines.createRun(group, factory, "retrain");
    await df.pipelineRuns.cancel(group, factory, runId);
  },
  "EventSubscriptions_CreateOrUpdate": async () => {
    const created = await eg.eventSubscriptions.beginCreateOrUpdateAndWait(scope, "mlevents", {
      destination: { endpointType: "WebHook", endpointUrl: `${address}/hooks/official?code=secret` },
      filter: { includedEventTypes: ["Microsoft.MachineLearningServices.RunCompleted"], advancedFilters: [{ operatorType: "NumberInRange", key: "data.n", values: [[1, 2]] }, { operatorType: "StringIn", key: "data.s", values: ["a"] }] },
    }, poll);
    assert.ok(["Succeeded", "AwaitingManualAction"].includes(created.provisioningState), created.provisioningState);
    assert.equal(created.destination.endpointBaseUrl, `${address}/hooks/official`);
    assert.equal(created.filter.advancedFilters[0].operatorType, "NumberInRange");
  },
  "EventSubscriptions_Update without an address keeps the address": async () => {
    await eg.eventSubscriptions.beginUpdateAndWait(scope, "mlevents", { labels: ["a"] }, poll);
    assert.equal((await eg.eventSubscriptions.getFullUrl(scope, "mlevents")).endpointUrl, `${address}/hooks/official?code=secret`);
  },
  "EventSubscriptions_CreateOrUpdate refuses a key with an array index": async () => assert.equal((await refusal(eg.eventSubscriptions.beginCreateOrUpdateAndWait(scope, "bad", {
    destination: { endpointType: "WebHook", endpointUrl: `${address}/hooks/official` },
    filter: { advancedFilters: [{ operatorType: "StringIn", key: "data.s[0]", values: ["a"] }] },
  }, poll))).statusCode, 400),
  "EventSubscriptions_ListByResource": async () => assert.deepEqual((await all(eg.eventSubscriptions.listByResource(group, "Microsoft.MachineLearningServices", "workspaces", workspace))).map((found) => found.name), ["mlevents"]),
  "SystemTopics_ListByResourceGroup": async () => assert.ok((await all(eg.systemTopics.listByResourceGroup(group))).length > 0),
  "TopicTypes_List, ListEventTypes": async () => {
    assert.ok((await all(eg.topicTypes.list())).length > 0);
    assert.ok((await all(eg.topicTypes.listEventTypes("Microsoft.MachineLearningServices.Workspaces"))).some((found) => found.name.endsWith("RunCompleted")));
  },
  "EventSubscriptions_Delete": async () => {
    await eg.eventSubscriptions.beginDeleteAndWait(scope, "mlevents", poll);
    assert.equal((await refusal(eg.eventSubscriptions.get(scope, "mlevents"))).statusCode, 404);
  },
};

for (const [name, call] of Object.entries(calls)) {
  const result = await call().then(() => "ok", (error) => `${error.message}`.replaceAll(/\s+/g, " "));
  console.log(`${name}\t${result}`);
}
