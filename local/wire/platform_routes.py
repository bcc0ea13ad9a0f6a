"""The methods round Gemini: datasets, models, endpoints, operations, tokens, and Cloud Storage."""

from __future__ import annotations

from prefect_gemini.local.wire.generating.tuned import call_tuned
from prefect_gemini.local.wire.protocol import oauth
from prefect_gemini.local.wire.resources import datasets, endpoints, operations, registry, storage_api
from prefect_gemini.local.wire.route import Handler, Route, route


def _vertex(verb: str, template: str, kind: str, handler: Handler) -> Route:
    return route(verb, "{v}{x}" + template, "vertex", kind, handler)


def _operations(verb: str, template: str, name: str, handler: Handler) -> Route:
    # google-cloud-aiplatform over REST asks for operations under /ui, as its own tables tell it to.
    return route(verb, "(?:/ui|{v}){x}{under}/operations" + template, "vertex", f"operations.{name}", handler)


_DATASET = r"/datasets/(?P<dataset>[^/:]+)"
_OWN = r"/(?P<resource>endpoints|models)"

VERTEX = (
    _vertex("POST", _OWN + "{id}:generateContent", "generate", call_tuned),
    _vertex("POST", _OWN + "{id}:streamGenerateContent", "stream", call_tuned),
    _vertex("POST", _OWN + "{id}:countTokens", "count", call_tuned),
    _vertex("POST", _OWN + "{id}:computeTokens", "compute", call_tuned),
    _vertex("POST", "/datasets", "datasets.create", datasets.create_dataset),
    _vertex("GET", "/datasets", "datasets.list", datasets.list_datasets),
    _vertex("GET", _DATASET, "datasets.get", datasets.get_dataset),
    _vertex("PATCH", _DATASET, "datasets.update", datasets.update_dataset),
    _vertex("DELETE", _DATASET, "datasets.delete", datasets.delete_dataset),
    _vertex("POST", _DATASET + "/datasetVersions", "datasetVersions.create", datasets.create_version),
    _vertex("GET", _DATASET + "/datasetVersions", "datasetVersions.list", datasets.list_versions),
    _vertex("GET", _DATASET + "/datasetVersions{id}", "datasetVersions.get", datasets.get_version),
    _vertex("PATCH", _DATASET + "/datasetVersions{id}", "datasetVersions.update", datasets.update_version),
    _vertex("DELETE", _DATASET + "/datasetVersions{id}", "datasetVersions.delete", datasets.delete_version),
    _vertex("GET", _DATASET + "/datasetVersions{id}:restore", "datasetVersions.restore", datasets.restore_version),
    _vertex("POST", "/models:copy", "tunedModels.copy", registry.copy_model),
    _vertex("GET", "/models", "tunedModels.list", registry.list_models),
    _vertex("GET", "/models{id}", "tunedModels.get", registry.get_model),
    _vertex("GET", "/models{id}:listCheckpoints", "tunedModels.checkpoints", registry.list_checkpoints),
    _vertex("PATCH", "/models{id}", "tunedModels.update", registry.update_model),
    _vertex("DELETE", "/models{id}", "tunedModels.delete", registry.delete_model),
    _vertex("GET", "/models{id}:listVersions", "tunedModels.versions", registry.list_versions),
    _vertex("DELETE", "/models{id}:deleteVersion", "tunedModels.deleteVersion", registry.delete_version),
    _vertex("POST", "/models{id}:mergeVersionAliases", "tunedModels.aliases", registry.merge_aliases),
    _vertex("POST", "/endpoints", "endpoints.create", endpoints.create_endpoint),
    _vertex("GET", "/endpoints", "endpoints.list", endpoints.list_endpoints),
    _vertex("GET", "/endpoints{id}", "endpoints.get", endpoints.get_endpoint),
    _vertex("PATCH", "/endpoints{id}", "endpoints.update", endpoints.update_endpoint),
    _vertex("DELETE", "/endpoints{id}", "endpoints.delete", endpoints.delete_endpoint),
    _vertex("POST", "/endpoints{id}:deployModel", "endpoints.deploy", endpoints.deploy_model),
    _vertex("POST", "/endpoints{id}:undeployModel", "endpoints.undeploy", endpoints.undeploy_model),
    _operations("GET", "", "list", operations.list_operations),
    _operations("GET", "{id}", "get", operations.get_operation),
    _operations("DELETE", "{id}", "delete", operations.delete_operation),
    _operations("POST", "{id}:wait", "wait", operations.get_operation),
    _operations("POST", "{id}:cancel", "cancel", operations.cancel_operation),
)

# Where Google's own clients and key files send for a token.
TOKEN = tuple(
    route("POST", path, "vertex", "token", oauth.token, anonymous=True)
    for path in ("/token", "/o/oauth2/token", "/oauth2/v4/token")
)


def _storage(verb: str, template: str, name: str, handler: Handler) -> Route:
    # Clients that are told of an emulator send no credentials.
    return route(verb, template, "vertex", f"storage.{name}", handler, anonymous=True)


STORAGE = (
    _storage("POST", "/storage/v1/b", "buckets.create", storage_api.create_bucket),
    _storage("GET", "/storage/v1/b", "buckets.list", storage_api.list_buckets),
    _storage("GET", "{bucket}", "buckets.get", storage_api.get_bucket),
    _storage("PATCH", "{bucket}", "buckets.update", storage_api.change_bucket),
    _storage("PUT", "{bucket}", "buckets.update", storage_api.change_bucket),
    _storage("DELETE", "{bucket}", "buckets.delete", storage_api.delete_bucket),
    _storage("POST", "/upload{bucket}/o", "upload", storage_api.upload),
    _storage("PUT", "/upload{bucket}/o", "upload", storage_api.upload),
    _storage("DELETE", "/upload{bucket}/o", "upload", storage_api.upload),
    _storage("GET", "{bucket}/o", "list", storage_api.list_objects),
    _storage("GET", "(?:/download)?{bucket}{object}", "get", storage_api.get_object),
    _storage("PATCH", "{bucket}{object}", "update", storage_api.change_object),
    _storage("PUT", "{bucket}{object}", "update", storage_api.change_object),
    _storage("DELETE", "{bucket}{object}", "delete", storage_api.delete_object),
    _storage("POST", "{bucket}{object}/compose", "compose", storage_api.compose),
    _storage("POST", "{bucket}{object}/rewriteTo{to}", "rewrite", storage_api.rewrite),
    _storage("POST", "{bucket}{object}/copyTo{to}", "copy", storage_api.rewrite),
)

PLATFORM = (*VERTEX, *TOKEN, *STORAGE)
