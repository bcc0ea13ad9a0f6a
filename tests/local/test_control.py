"""What the tester holds: faults, quota, clock, the admin plane, and the verdict on the client."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from google import genai

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.control.journal import Entry
from prefect_gemini.local.wire.control.verdict import judge
from prefect_gemini.testing import (
    blocked,
    blocked_answer,
    break_schema,
    cut_stream,
    error,
    html,
    json_reply,
    reset,
    slow_stream,
    stall,
    text,
    truncated_json,
)

MODEL = "gemini-3.8-flash"


def entry(number: int, status: int, at: float, *, body: str = "a", **more: Any) -> Entry:
    """One request that took a second."""
    known = {"response_id": "r" if status == 200 else "", "model": MODEL} | more
    return Entry(
        number, "POST", "/x", body={"x": body}, kind="generate", status=status, started=at, ended=at + 1, **known
    )


def rules(*entries: Entry) -> list[str]:
    return [finding.rule for finding in judge(entries).findings]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([entry(1, 429, 0, retry_after_s=5), entry(2, 200, 3)], ["retry_after_ignored"]),
        ([entry(1, 429, 0, retry_after_s=5), entry(2, 200, 6.1)], []),
        ([entry(1, 400, 0), entry(2, 200, 9)], ["retried_non_retryable"]),
        ([entry(1, 400, 0)], []),
        ([entry(1, 503, 0)], ["gave_up"]),
        ([entry(1, 503, 0), entry(2, 200, 2)], []),
        ([entry(1, 503, 0), entry(2, 200, 1.01)], ["no_backoff"]),
        ([entry(1, 200, 0), entry(2, 200, 9)], ["paid_twice"]),
        ([entry(1, 200, 0), entry(2, 200, 9, body="b")], []),
        ([entry(1, 200, 0, fault="truncated_json"), entry(2, 200, 9)], []),
        ([entry(1, 429, 0, retry_after_s=5), entry(2, 200, 3, body="b"), entry(3, 200, 7)], ["ran_past_quota"]),
        ([entry(1, 429, 0, retry_after_s=5), entry(2, 200, 0.5, body="b"), entry(3, 200, 7)], []),
        ([entry(1, 429, 0, retry_after_s=5), entry(2, 200, 3, body="b", model="other"), entry(3, 200, 7)], []),
    ],
)
def test_verdict_finds_what_a_client_did_wrong_and_nothing_else(entries: list[Entry], found: list[str]) -> None:
    """Each rule, broken and kept."""
    assert rules(*entries) == found


def post(server: LocalGemini, path: str, body: Any, *, timeout: float = 10) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(
        server.base_url + path,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "x-goog-api-key": "k"},
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.status, reply.read(), dict(reply.headers)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read(), dict(refused.headers)


def ask(server: LocalGemini, *, verb: str = "generateContent", **body: Any) -> tuple[int, bytes, dict[str, str]]:
    turn = {"contents": [{"parts": [{"text": "one two three four five six"}]}]}
    return post(server, f"/v1beta/models/{MODEL}:{verb}?alt=sse", turn | body)


def test_errors_name_their_wait_in_header_and_body(server: LocalGemini) -> None:
    """429 with Retry-After and RetryInfo, or either alone."""
    for hint, header, detail in (("both", "2", True), ("header", "2", False), ("body", None, True)):
        server.faults.add(error(429, retry_after=2, retry_hint=hint), times=1)
        code, said, headers = ask(server)
        assert (code, headers.get("Retry-After")) == (429, header)
        assert ("retryDelay" in said.decode()) is detail
    assert ask(server)[0] == 200


def test_connections_are_reset_and_stalled(server: LocalGemini) -> None:
    """A reset is felt at once, a stall only by a client with patience that ends."""
    server.faults.add(reset(), times=1)
    with pytest.raises(ConnectionError):
        ask(server)
    server.faults.add(stall(0.2), times=1)
    began = time.monotonic()
    with pytest.raises(ConnectionError):
        ask(server)
    assert time.monotonic() - began >= 0.2
    assert [one.fault for one in server.journal] == ["reset", "stall"]
    server.faults.add(html(502), times=1)
    code, said, _ = ask(server)
    assert (code, said[:9]) == (502, b"<!DOCTYPE")


def test_answers_are_spoiled(server: LocalGemini) -> None:
    """Half a JSON, a missing field, a block by category: each as the model would send it, with status 200."""
    schema = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}
    config = {"responseMimeType": "application/json", "responseJsonSchema": schema}
    server.script(json_reply({"total": 12.5, "note": "x"}), times=None)
    server.faults.add(truncated_json(), times=1)
    server.faults.add(break_schema(), times=1)
    parts = [json.loads(ask(server, generationConfig=config)[1])["candidates"][0]["content"]["parts"] for _ in range(2)]
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(parts[0][0]["text"])
    assert json.loads(parts[1][0]["text"]) == {"note": "x"}
    server.faults.add(blocked(category="HARASSMENT"), times=1)
    said = json.loads(ask(server)[1])
    assert "candidates" not in said
    ratings = [one["category"] for one in said["promptFeedback"]["safetyRatings"] if one.get("blocked")]
    assert ratings == ["HARM_CATEGORY_HARASSMENT"]
    server.faults.add(blocked_answer(category="HATE_SPEECH"), times=1)
    candidate = json.loads(ask(server)[1])["candidates"][0]
    assert candidate["finishReason"] == "SAFETY"
    assert not candidate.get("content", {}).get("parts")


def test_streams_are_slow_or_cut(server: LocalGemini) -> None:
    """Seconds between chunks; an end without a finish reason."""
    server.faults.add(slow_stream(0.1), times=1)
    began = time.monotonic()
    whole = ask(server, verb="streamGenerateContent")[1]
    assert time.monotonic() - began >= 0.2
    assert b'"finishReason"' in whole
    server.faults.add(cut_stream(after=1), times=1)
    assert b'"finishReason"' not in ask(server, verb="streamGenerateContent")[1]


def test_admin_plane_sets_everything_from_outside(server: LocalGemini) -> None:
    """Script, faults, quota, pace, clock and models over HTTP; a reset leaves the journal and what was stored."""

    def admin(name: str, body: Any) -> Any:
        code, said, _ = post(server, f"/__gemini/{name}", body)
        assert code == 200, said
        return json.loads(said)

    admin("script", {"replies": [{"text": "scripted"}], "times": 2})
    admin("faults", {"reply": {"kind": "error", "code": 503}, "times": 1})
    assert [ask(server)[0] for _ in range(2)] == [503, 200]
    assert admin("quota", {"rpm": 8}) == {"rpm": 8, "tpm": None, "window_s": 60.0}
    assert admin("quota", {"halve": True})["rpm"] == 4
    assert admin("pace", {"preset": "usual"}) == {"first_token_s": 0.3, "tokens_per_second": 120.0}
    admin("pace", {"first_token_s": 0})
    before = server.clock.seconds()
    admin("clock", {"move_s": 3600})
    assert server.clock.seconds() - before >= 3600
    assert admin("models", {"retirement": False}) == {"retirement": False}
    with urllib.request.urlopen(f"{server.base_url}/__gemini/verdict") as reply:
        assert json.load(reply)["good"] is False
    admin("reset", {})
    assert server.quota.rpm is None
    assert len(server.journal) == 2


def test_admin_plane_refuses_what_it_does_not_know(server: LocalGemini) -> None:
    """A wrong name lists the right ones; a web page's form cannot reach it."""
    code, said, _ = post(server, "/__gemini/nothing", {})
    assert code == 404
    assert b"/__gemini/faults" in said
    assert post(server, "/__gemini/faults", {"reply": {"kind": "explode"}})[0] == 400
    assert post(server, "/__gemini/pace", {"preset": "warp"})[0] == 400
    form = urllib.request.Request(
        f"{server.base_url}/__gemini/reset", data=b"{}", headers={"Content-Type": "text/plain"}
    )
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(form)


def test_quota_refuses_with_the_time_to_wait_and_opens_by_the_clock(server: LocalGemini) -> None:
    """Requests a minute for each model; the window slides."""
    server.quota.set(rpm=2)
    assert [ask(server)[0] for _ in range(3)] == [200, 200, 429]
    assert server.journal.last.answered_by == "quota"
    assert 0 < (server.journal.last.retry_after_s or 0) <= 60
    server.clock.move(60)
    assert ask(server)[0] == 200


def test_half_open_and_malformed_connections_leave_the_server_well(server: LocalGemini) -> None:
    """Hundreds of streams nobody reads, and bytes that are no HTTP, and the next client is served."""
    server.script(text("word " * 50), times=None)
    host, port = server.base_url.removeprefix("http://").split(":")
    body = json.dumps({"contents": [{"parts": [{"text": "x"}]}]}).encode()
    head = (
        f"POST /v1beta/models/{MODEL}:streamGenerateContent?alt=sse&key=k HTTP/1.1\r\nHost: x\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    open_ones = []
    for number in range(300):
        one = socket.create_connection((host, int(port)))
        one.sendall((head + body, head, b"\x00\xff garbage\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n")[number % 4])
        open_ones.append(one)
    client = genai.Client(api_key="k", http_options={"base_url": server.base_url})
    assert client.models.generate_content(model=MODEL, contents="hello").text
    for one in open_ones:
        one.close()
    assert client.models.generate_content(model=MODEL, contents="hello").text
