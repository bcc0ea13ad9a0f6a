"""Why a test of the suite fails here, by name. A failure without a reason is a defect."""

from __future__ import annotations

import re
from typing import Any

WIT = "needs a model that understands: the sample engine fills shapes and knows nothing"
_REASONS: tuple[tuple[str, str], ...] = (
    (
        r"chats/send_message_continuation_token::test_send_message_without_afc_continuation_token",
        "on the Developer API the test expects the 500 that the service happened to answer when it was recorded",
    ),
    (r"models/generate_content::test_pydantic_schema_with_optional_none", WIT + " (leave out what is not wanted)"),
    (r"models/generate_content::test_multiple_(strings|parts)", WIT + " (who wrote Romeo and Juliet)"),
    (r"models/generate_content_tools::test_code_execution_tool", WIT + " (writes a program and runs it)"),
    (
        r"models/generate_content_tools::test_stream_afc_thoughts",
        WIT + " (ends a sentence with the sum, in one chunk of a stream)",
    ),
    (
        r"chats/send_message::test_async_stream_config_override",
        WIT + " (goes on answering in JSON because it did so before)",
    ),
    (
        r"caches/create::test_caches_create_with_gcs_uri_cmek",
        "the key is well named and does not exist at Google; this server knows no keys and takes any",
    ),
    (
        r"models/generate_content_from_apikey::.*",
        (
            "the test clears project and location of the client; with an address of one's own the client then sends a path "
            "without a version, which is no path of the service"
        ),
    ),
    (
        r"models/generate_content_multi_regional::.*",
        "the test compares the client's address with the service's own, which had to be replaced; sends nothing",
    ),
    (
        r"models/generate_content_tools::test_computer_use_with_disabled_safety_policies",
        "recorded when Vertex AI had the model; five tests of the same file were recorded when it had not, and pass",
    ),
    (
        r"models/generate_content_tools::test_(client_side_mcp|agent_platform_mcp)_.*",
        "skipped by the suite itself: not for this surface, or for another version of the `mcp` package",
    ),
    (
        r"(caches|files)/list::test_async_pager",
        "looks for headers in capitals, which the client shows only where `aiohttp` is installed",
    ),
)


def reason(row: dict[str, Any]) -> str:
    """Why a test did not pass; "" where nobody has said."""
    return next((why for pattern, why in _REASONS if re.fullmatch(pattern, row["test"])), "")
