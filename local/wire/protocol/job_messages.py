"""Which fields the messages of jobs have: batches on both surfaces, tuning, and what they make.

The layout is that of `messages`.
"""

from __future__ import annotations

JOBS = """
BatchPredictionJob
  name string
  displayName string
  model string
  modelVersionId string
  inputConfig struct
  instanceConfig struct
  modelParameters any
  outputConfig struct
  labels {string}
  encryptionSpec EncryptionSpec
  serviceAccount string
  dedicatedResources struct
  manualBatchTuningParameters struct
  generateExplanation bool
  disableContainerLogging bool
CreateBatchRequest
  batch Batch
Batch
  name string
  model string
  displayName string
  inputConfig BatchInput
  priority long
  webhookConfig struct
BatchInput
  requests BatchRequests oneof:source
  fileName string oneof:source
BatchRequests
  requests [BatchItem]
BatchItem
  request any
  metadata struct
TuningJob
  name string
  baseModel string oneof:source
  preTunedModel PreTunedModel oneof:source
  customBaseModel string
  supervisedTuningSpec TuningSpec oneof:spec
  preferenceOptimizationSpec TuningSpec oneof:spec
  distillationSpec TuningSpec oneof:spec
  reinforcementTuningSpec struct oneof:spec
  tunedModelDisplayName string
  description string
  labels {string}
  encryptionSpec EncryptionSpec
  evaluationConfig struct
  outputUri string
  serviceAccount string
TuningSpec
  trainingDatasetUri string
  validationDatasetUri string
  promptDatasetUri string
  baseTeacherModel string
  tunedTeacherModelSource string
  studentModel string
  pipelineRootDirectory string
  hyperParameters HyperParameters
  exportLastCheckpointOnly bool
  tuningMode string
  evaluationConfig struct
HyperParameters
  epochCount long
  learningRateMultiplier float
  learningRate float
  adapterSize AdapterSize
  batchSize long
  beta float
  sftLossWeightMultiplier float
TuningExample
  systemInstruction Content
  contents [Content]
  tools [Tool]
  toolConfig ToolConfig
  generationConfig GenerationConfig
  completions [ScoredCompletion]
  references {string}
ScoredCompletion
  score float
  completion Content
ValidateRewardRequest
  parent string
  sampleResponse Content
  example TuningExample
  singleRewardConfig struct
  compositeRewardConfig struct
TunedModel
  name string
  displayName string
  description string
  baseModel string
  tunedModelSource struct
  temperature float
  topP float
  topK int
  tuningTask struct
  readerProjectNumbers [string]
PreTunedModel
  tunedModelName string
  checkpointId string
  baseModel string
AuthToken
  name string
  expireTime string
  newSessionExpireTime string
  fieldMask string
  bidiGenerateContentSetup struct
  uses int
RegisterFilesRequest
  uris [string]
"""
