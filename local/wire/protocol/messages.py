"""Which fields the API's messages have.

Names and types follow the public discovery document of aiplatform v1beta1, and for the Developer
API what google-genai sends. One message per unindented line; a field per indented line: its name,
its type (`[X]` a list, `{X}` a map), then `vertex` or `developer` where only that surface knows it,
and `oneof:group`. `struct` and `any` are the caller's own and are not looked into.
"""

from __future__ import annotations

from prefect_gemini.local.wire.protocol.job_messages import JOBS
from prefect_gemini.local.wire.protocol.platform_messages import PLATFORM
from prefect_gemini.local.wire.protocol.proto import Table

_ENUMS = {
    "Type": "TYPE_UNSPECIFIED STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL",
    "Modality": "MODALITY_UNSPECIFIED TEXT IMAGE AUDIO VIDEO",
    "MediaResolution": (
        "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM MEDIA_RESOLUTION_HIGH "
        "MEDIA_RESOLUTION_ULTRA_HIGH"
    ),
    "HarmCategory": (
        "HARM_CATEGORY_UNSPECIFIED HARM_CATEGORY_HATE_SPEECH HARM_CATEGORY_DANGEROUS_CONTENT "
        "HARM_CATEGORY_HARASSMENT HARM_CATEGORY_SEXUALLY_EXPLICIT HARM_CATEGORY_CIVIC_INTEGRITY "
        "HARM_CATEGORY_IMAGE_HATE HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT HARM_CATEGORY_IMAGE_HARASSMENT "
        "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT HARM_CATEGORY_JAILBREAK"
    ),
    "HarmBlockMethod": "HARM_BLOCK_METHOD_UNSPECIFIED SEVERITY PROBABILITY",
    "HarmBlockThreshold": (
        "HARM_BLOCK_THRESHOLD_UNSPECIFIED BLOCK_LOW_AND_ABOVE BLOCK_MEDIUM_AND_ABOVE BLOCK_ONLY_HIGH BLOCK_NONE OFF"
    ),
    "ThinkingLevel": "THINKING_LEVEL_UNSPECIFIED LOW MEDIUM HIGH MINIMAL",
    "FunctionCallingMode": "MODE_UNSPECIFIED AUTO ANY NONE VALIDATED",
    "Behavior": "UNSPECIFIED BLOCKING NON_BLOCKING",
    "Outcome": "OUTCOME_UNSPECIFIED OUTCOME_OK OUTCOME_FAILED OUTCOME_DEADLINE_EXCEEDED",
    "Language": "LANGUAGE_UNSPECIFIED PYTHON",
    "Scheduling": "SCHEDULING_UNSPECIFIED SILENT WHEN_IDLE INTERRUPT",
    "TaskType": (
        "TASK_TYPE_UNSPECIFIED RETRIEVAL_QUERY RETRIEVAL_DOCUMENT SEMANTIC_SIMILARITY CLASSIFICATION CLUSTERING "
        "QUESTION_ANSWERING FACT_VERIFICATION CODE_RETRIEVAL_QUERY UNSPECIFIED"
    ),
    "AdapterSize": (
        "ADAPTER_SIZE_UNSPECIFIED ADAPTER_SIZE_ONE ADAPTER_SIZE_TWO ADAPTER_SIZE_FOUR ADAPTER_SIZE_EIGHT "
        "ADAPTER_SIZE_SIXTEEN ADAPTER_SIZE_THIRTY_TWO"
    ),
}

_CONTENT = """
Content
  role string
  parts [Part]
Part
  text string oneof:data
  inlineData Blob oneof:data
  fileData FileData oneof:data
  functionCall FunctionCall oneof:data
  functionResponse FunctionResponse oneof:data
  executableCode ExecutableCode oneof:data
  codeExecutionResult CodeExecutionResult oneof:data
  toolCall struct oneof:data
  toolResponse struct oneof:data
  audioTranscription struct oneof:data
  thought bool
  thoughtSignature bytes
  videoMetadata VideoMetadata
  mediaResolution PartMediaResolution
  mediaProcessing string
  speechMetadata struct
  partMetadata struct developer
Blob
  mimeType string
  data bytes
  displayName string vertex
FileData
  mimeType string
  fileUri string
  displayName string vertex
VideoMetadata
  startOffset string
  endOffset string
  fps float
PartMediaResolution
  level MediaResolution
  numTokens int
FunctionCall
  id string
  name string
  args struct
  partialArgs any vertex
  willContinue bool vertex
FunctionResponse
  id string
  name string
  response struct
  parts [FunctionResponsePart]
  scheduling Scheduling
  willContinue bool developer
FunctionResponsePart
  inlineData FunctionResponseBlob oneof:data
  fileData FunctionResponseFile oneof:data
FunctionResponseBlob
  mimeType string
  data bytes
  displayName string
FunctionResponseFile
  mimeType string
  fileUri string
  displayName string
ExecutableCode
  id string
  language Language
  code string
CodeExecutionResult
  id string
  outcome Outcome
  output string
"""

_TOOLS = """
Tool
  functionDeclarations [FunctionDeclaration]
  googleSearch struct
  googleSearchRetrieval struct
  codeExecution struct
  urlContext struct
  googleMaps struct
  computerUse struct
  retrieval struct vertex
  enterpriseWebSearch struct vertex
  parallelAiSearch struct vertex
  exaAiSearch struct vertex
  fileSearch struct developer
  mcpServers any developer
FunctionDeclaration
  name string
  description string
  behavior Behavior
  parameters Schema
  parametersJsonSchema any
  response Schema
  responseJsonSchema any
ToolConfig
  functionCallingConfig FunctionCallingConfig
  retrievalConfig struct
  includeServerSideToolInvocations bool
FunctionCallingConfig
  mode FunctionCallingMode
  allowedFunctionNames [string]
  streamFunctionCallArguments bool vertex
Schema
  type Type
  format string
  title string
  description string
  nullable bool
  default any
  enum [string]
  items Schema
  properties {Schema}
  required [string]
  propertyOrdering [string]
  anyOf [Schema]
  example any
  minItems long
  maxItems long
  minProperties long
  maxProperties long
  minLength long
  maxLength long
  minimum float
  maximum float
  pattern string
  additionalProperties any
  defs {Schema}
  ref string
"""

_GENERATION = """
GenerateContentRequest
  model string
  contents [Content]
  systemInstruction Content
  tools [Tool]
  toolConfig ToolConfig
  safetySettings [SafetySetting]
  generationConfig GenerationConfig
  labels {string}
  cachedContent string
  continuationToken bytes
  modelArmorConfig struct vertex
  outputConfig struct vertex
  serviceTier string developer
  store bool developer
GenerationConfig
  temperature float
  topP float
  topK float
  candidateCount int
  maxOutputTokens int
  stopSequences [string]
  responseLogprobs bool
  logprobs int
  presencePenalty float
  frequencyPenalty float
  seed int
  responseMimeType string
  responseSchema Schema
  responseJsonSchema any
  responseModalities [Modality]
  mediaResolution MediaResolution
  speechConfig SpeechConfig
  thinkingConfig ThinkingConfig
  imageConfig struct
  responseFormat any
  audioTimestamp bool vertex
  enableAffectiveDialog bool
  audioTranscriptionConfig struct
  translationConfig struct
  routingConfig struct vertex
  modelConfig struct vertex
  enableEnhancedCivicAnswers bool developer
ThinkingConfig
  includeThoughts bool
  thinkingBudget int
  thinkingLevel ThinkingLevel
SpeechConfig
  languageCode string
  voiceConfig VoiceConfig
  multiSpeakerVoiceConfig struct
VoiceConfig
  prebuiltVoiceConfig struct
  replicatedVoiceConfig struct
  voice string
SafetySetting
  category HarmCategory
  threshold HarmBlockThreshold
  method HarmBlockMethod vertex
CountTokensRequest
  model string
  contents [Content]
  instances any vertex
  systemInstruction Content vertex
  tools [Tool] vertex
  generationConfig GenerationConfig vertex
  generateContentRequest GenerateContentRequest developer
ComputeTokensRequest
  model string
  contents [Content]
  instances any
EmbedContentRequest
  model string
  content Content
  taskType TaskType
  title string
  outputDimensionality int
  autoTruncate bool vertex
  embedContentConfig EmbedContentConfig
EmbedContentConfig
  taskType TaskType
  title string
  outputDimensionality int
  autoTruncate bool
  documentOcr bool
  audioTrackExtraction bool
BatchEmbedContentsRequest
  requests [EmbedContentRequest]
PredictRequest
  instances any
  parameters any
  labels {string}
CachedContent
  name string
  model string
  displayName string
  contents [Content]
  systemInstruction Content
  tools [Tool]
  toolConfig ToolConfig
  ttl string oneof:expiration
  expireTime string oneof:expiration
  createTime string
  updateTime string
  usageMetadata struct
  encryptionSpec EncryptionSpec vertex
EncryptionSpec
  kmsKeyName string
"""

_FILES = """
CreateFileRequest
  file File
File
  name string
  displayName string
  mimeType string
  sizeBytes long
  source string
"""

TABLE = Table.parse(_CONTENT + _TOOLS + _GENERATION + _FILES + JOBS + PLATFORM, _ENUMS)
