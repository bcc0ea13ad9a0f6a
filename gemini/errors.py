"""Everything that can go wrong, as types. A branch per who must act.

GeminiError
├── SetupError                you, before any call: configuration
│   ├── NoCredentials         nothing to call Gemini with, or it does not load
│   ├── UnknownModel          no such model; the message suggests a near one
│   └── InvalidOption         an argument out of its range, or not taken by this model
├── DocumentError             the document
│   ├── DocumentNotFound      no such path or URL, or not readable
│   ├── EmptyDocument
│   ├── UnsupportedMedia      not a type Gemini reads, whatever its name says
│   ├── EncryptedDocument     needs a password
│   ├── CorruptDocument
│   ├── DocumentTooLarge      over a byte, page or pixel limit, or a decompression bomb
│   └── UnsafeLocation        a URL or path the guard refuses
├── ServiceError              the service, or the way to it
│   ├── AuthenticationFailed  401
│   ├── PermissionDenied      403
│   ├── NotFound              404: model, cached content, file
│   ├── InvalidRequest        400 and every other 4xx: the request as sent can never succeed
│   ├── RateLimited           429: try again later (retryable)
│   ├── QuotaExceeded         429 that waiting does not mend: daily quota, Provisioned Throughput
│   ├── ServerError           5xx (retryable)
│   ├── DeadlineExceeded      408, 504, or our own deadline (retryable)
│   ├── TransportError        the connection: refused, reset, stalled (retryable)
│   ├── MalformedResponse     200 that is not the API's JSON: HTML, a bad SSE chunk (retryable)
│   └── CircuitOpen           not sent: too many recent failures (retryable after `retry_after`)
├── AnswerError               the model answered, and it is not a whole answer
│   ├── PromptBlocked         promptFeedback.blockReason
│   ├── AnswerBlocked         SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, …
│   ├── Truncated             MAX_TOKENS, or a stream that ended without a finish reason
│   ├── MalformedFunctionCall MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, TOO_MANY_TOOL_CALLS
│   ├── EmptyAnswer           no candidate, or a candidate without content
│   ├── UnknownFinish         a finish reason this version does not know
│   └── InvalidOutput         the answer does not satisfy the schema, after the repair round
└── BudgetExceeded            the call was not made: it would have broken a budget

Every error pickles, and says in `hint` what to do next.
"""
