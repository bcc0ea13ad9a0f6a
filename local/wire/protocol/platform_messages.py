"""Which fields the messages of Vertex AI's registries have: datasets (which hold prompts), models, endpoints.

The layout is that of `messages`. Fields of classical machine learning are taken and not looked into.
"""

from __future__ import annotations

PLATFORM = """
Dataset
  name string
  displayName string
  description string
  metadataSchemaUri string
  metadata any
  modelReference string
  labels {string}
  encryptionSpec EncryptionSpec
  savedQueries [any]
  etag string
DatasetVersion
  name string
  displayName string
  etag string
Model
  name string
  displayName string
  description string
  versionAliases [string]
  versionDescription string
  baseModelSource struct
  artifactUri string
  containerSpec struct
  predictSchemata struct
  explanationSpec struct
  metadata any
  metadataSchemaUri string
  defaultCheckpointId string
  encryptionSpec EncryptionSpec
  labels {string}
  etag string
CopyModelRequest
  sourceModel string
  modelId string oneof:destination
  parentModel string oneof:destination
  encryptionSpec EncryptionSpec
  customServiceAccount string
UploadModelRequest
  model Model
  modelId string
  parentModel string
  serviceAccount string
MergeVersionAliasesRequest
  versionAliases [string]
Endpoint
  name string
  displayName string
  description string
  labels {string}
  trafficSplit {int}
  network string
  encryptionSpec EncryptionSpec
  enablePrivateServiceConnect bool
  privateServiceConnectConfig struct
  predictRequestResponseLoggingConfig struct
  dedicatedEndpointEnabled bool
  clientConnectionConfig struct
  genAiAdvancedFeaturesConfig struct
  gdcConfig struct
  publisherModelConfig struct
  etag string
DeployModelRequest
  deployedModel DeployedModel
  trafficSplit {int}
DeployedModel
  id string
  model string
  displayName string
  checkpointId string
  automaticResources struct oneof:resources
  dedicatedResources struct oneof:resources
  sharedResources string oneof:resources
  fullFineTunedResources struct
  explanationSpec struct
  disableExplanations bool
  disableContainerLogging bool
  enableContainerLogging bool
  enableAccessLogging bool
  serviceAccount string
  fasterDeploymentConfig struct
  rolloutOptions struct
  speculativeDecodingSpec struct
  systemLabels {string}
  gdcConnectedModel string
UndeployModelRequest
  deployedModelId string
  trafficSplit {int}
"""
