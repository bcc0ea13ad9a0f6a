"""The client: what is sent, what comes back, and what is paid."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from pydantic import BaseModel
from scripted import Scripted, answer, error, say

from prefect_gemini.gemini import (
    Backend,
    Budget,
    GeminiClient,
    Generation,
    ModelArmor,
    Part,
    Request,
    RetryPolicy,
    SafetySettings,
    Tool,
    shared_client,
)
from prefect_gemini.gemini.errors import (
    BudgetExceeded,
    DocumentTooLarge,
    InvalidOption,
    InvalidOutput,
    InvalidRequest,
    MalformedFunctionCall,
    NoCredentials,
    Truncated,
    UnknownModel,
)

Connect = Callable[..., GeminiClient]
ASK = Request(model="flash", contents="hello")


class Total(BaseModel):
    """What a receipt says."""

    total: int


async def test_a_whole_answer_with_everything_the_service_said(server: Scripted, connect: Connect) -> None:
    """Value, usage by kind, cost, version, id, and who answered."""
    server.plays(answer("hi"))
    reply = await connect().generate(ASK)
    assert (reply.value, reply.text, reply.model, reply.backend) == ("hi", "hi", "gemini-3.8-flash", "local")
    assert (reply.usage.prompt, reply.usage.thoughts, reply.usage.output, reply.usage.total) == (10, 2, 4, 16)
    assert reply.usage.prompt_by == {"TEXT": 10}
    assert (reply.response_id, reply.attempts, reply.from_ledger) == ("r-1", 1, False)
    assert reply.cost is not None


async def test_every_control_reaches_the_wire(server: Scripted, connect: Connect) -> None:
    """What was set is what was sent, in the API's own names."""
    server.plays(answer('{"total": 3}'))
    generation = Generation(
        temperature=0.5,
        top_p=0.9,
        top_k=5,
        candidate_count=2,
        max_output_tokens=99,
        stop_sequences=("END",),
        seed=7,
        presence_penalty=-2.0,
        frequency_penalty=1.5,
        thinking_level="low",
        include_thoughts=True,
        media_resolution="high",
        response_logprobs=True,
        logprobs=3,
    )
    request = Request(
        model="gemini-3-flash-preview",
        contents=[
            "read",
            Part.of_bytes(b"\x89PNG", "image/png", media_resolution="ultra_high"),
            Part.of_uri("gs://b/o", "application/pdf"),
        ],
        system_instruction="be brief",
        output=Total,
        generation=generation,
        safety=SafetySettings(civic_integrity="BLOCK_NONE", harassment="BLOCK_ONLY_HIGH"),
        service_tier="flex",
    )
    assert (await connect().generate(request)).value == Total(total=3)
    body = server.seen[0].body
    config = body["generationConfig"]
    assert config | {"thinkingConfig": 0, "responseJsonSchema": 0} == {
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 5,
        "candidateCount": 2,
        "maxOutputTokens": 99,
        "stopSequences": ["END"],
        "seed": 7,
        "presencePenalty": -2.0,
        "frequencyPenalty": 1.5,
        "mediaResolution": "MEDIA_RESOLUTION_HIGH",
        "responseLogprobs": True,
        "logprobs": 3,
        "responseMimeType": "application/json",
        "thinkingConfig": 0,
        "responseJsonSchema": 0,
    }
    assert config["thinkingConfig"] == {"include_thoughts": True, "thinking_level": "LOW"}
    assert config["responseJsonSchema"]["required"] == ["total"]
    assert body["serviceTier"] == "flex"
    assert body["systemInstruction"]["parts"] == [{"text": "be brief"}]
    assert {(one["category"], one["threshold"]) for one in body["safetySettings"]} == {
        ("HARM_CATEGORY_CIVIC_INTEGRITY", "BLOCK_NONE"),
        ("HARM_CATEGORY_HARASSMENT", "BLOCK_ONLY_HIGH"),
    }
    text, image, pdf = body["contents"][0]["parts"]
    assert text == {"text": "read"}
    assert image["inlineData"]["data"] == "iVBORw=="
    assert "ULTRA_HIGH" in str(image)
    assert "gs://b/o" in str(pdf)


async def test_vertex_takes_tier_labels_and_armor_where_it_wants_them(server: Scripted, connect: Connect) -> None:
    """The tier is a header there, and labels and Model Armor are in the body."""
    backend = Backend(
        kind="vertex", project="p", location="global", credentials=Credentials(token="x"), base_url=server.base_url
    )
    server.plays(answer())
    request = Request(
        model="flash",
        contents="hello",
        service_tier="priority",
        labels={"flow_run_id": "a-1"},
        model_armor=ModelArmor(prompt_template="projects/p/locations/l/templates/t"),
    )
    await connect(backend=backend).generate(request)
    seen = server.seen[0]
    assert seen.path.endswith("/projects/p/locations/global/publishers/google/models/gemini-3.8-flash:generateContent")
    assert seen.headers["x-vertex-ai-llm-shared-request-type"] == "priority"
    assert "serviceTier" not in seen.body
    assert seen.body["labels"] == {"flow_run_id": "a-1"}
    assert "projects/p/locations/l/templates/t" in str(seen.body["modelArmorConfig"])


async def test_a_function_is_offered_and_called(server: Scripted, connect: Connect) -> None:
    """Parallel calls come back in order, with ids and signatures."""
    parts = [
        {"functionCall": {"name": "f", "args": {"x": 1}, "id": "1"}, "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "g", "args": {}}},
    ]
    server.plays(answer(parts=parts))
    tools = (Tool("f", "does", {"type": "object", "properties": {"x": {"type": "integer"}}}), Tool("g"))
    reply = await connect().generate(
        Request(model="flash", contents="go", tools=tools, tool_mode="any", allowed_tools=("f",))
    )
    assert [(call.name, call.args, call.id) for call in reply.function_calls] == [("f", {"x": 1}, "1"), ("g", {}, None)]
    assert reply.content["parts"] == parts
    body = server.seen[0].body
    assert [one["name"] for one in body["tools"][0]["functionDeclarations"]] == ["f", "g"]
    assert body["toolConfig"]["functionCallingConfig"] == {"mode": "ANY", "allowedFunctionNames": ["f"]}


REFUSED: list[Any] = [
    (lambda: Generation(temperature=2.1), "temperature"),
    (lambda: Generation(presence_penalty=2.0), "presence_penalty"),
    (lambda: Generation(frequency_penalty=-2.1), "frequency_penalty"),
    (lambda: Generation(temperature=float("nan")), "temperature"),
    (lambda: Generation(candidate_count=9), "candidate_count"),
    (lambda: Generation(max_output_tokens=0), "max_output_tokens"),
    (lambda: Generation(logprobs=3), "response_logprobs"),
    (lambda: Generation(thinking_level="low", thinking_budget=1), "exclude each other"),
    (lambda: Generation(temprature=1), "temprature"),
    (lambda: SafetySettings(harassment="SOME"), "harassment"),
    (lambda: Request(model="flash", contents=[]), "empty"),
    (lambda: Request(model="flash", contents="x", tools=(Tool("f"), Tool("f"))), "same name"),
    (lambda: Request(model="flash", contents="x", tool_mode="any"), "without any tool"),
    (lambda: Request(model="flash", contents="x", allowed_tools=("g",)), "not among"),
    (lambda: Part(data=b"x"), "media_type"),
    (lambda: Part(text="x", uri="gs://b/o"), "exactly one"),
]


@pytest.mark.parametrize(("make", "said"), REFUSED)
def test_an_option_out_of_its_range_is_refused_when_it_is_made(make: Callable[[], Any], said: str) -> None:
    """With the name of the option in the message."""
    with pytest.raises(InvalidOption, match=said):
        make()


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request(model="gemini-4-argon", contents="x", generation=Generation(thinking_budget=9)), "thinking_budget"),
        (Request(model="gemini-4-argon", contents="x", cached_content="c"), "explicit caches"),
        (Request(model="gemini-2.5-pro", contents="x", generation=Generation(thinking_budget=0)), "128 to"),
        (
            Request(model="gemini-2.5-flash", contents="x", generation=Generation(thinking_level="low")),
            "thinking_level",
        ),
        (Request(model="flash", contents="x", generation=Generation(max_output_tokens=10**7)), "over the limit"),
        (Request(model="flash", contents="x", labels={"Bad Key": "x"}), "label"),
        (Request(model="gemini-2.5-flash", contents="x", cached_content="c", system_instruction="s"), "already holds"),
        (Request(model="flash", contents="x", tools=(Tool("not a name"),)), "cannot be called"),
        (Request(model="flash", contents="x", tools=(Tool("f", "", {"type": "string"}),)), "object schema"),
        (Request(model="flash", contents=[{"parts": [{"nonsense": 1}]}]), "turn"),
    ],
)
async def test_what_the_model_does_not_take_is_refused_before_the_call(
    server: Scripted, connect: Connect, request_: Request, said: str
) -> None:
    """Nothing is sent."""
    with pytest.raises(InvalidOption, match=said):
        await connect().generate(request_)
    assert server.seen == []


async def test_a_wrong_name_suggests_the_right_one(connect: Connect) -> None:
    """A typo costs no call."""
    with pytest.raises(UnknownModel, match=r"gemini-3\.8-flash"):
        await connect().generate(Request(model="gemini-3.8-flahs", contents="x"))


async def test_what_is_taken_and_not_followed_is_noted(server: Scripted, connect: Connect) -> None:
    """Gemini 4 ignores the temperature; the reply says so."""
    server.plays(answer())
    reply = await connect().generate(
        Request(model="gemini-4-argon", contents="x", generation=Generation(temperature=1))
    )
    assert any("temperature" in note for note in reply.notes)


async def test_an_invalid_answer_is_repaired_once_with_its_errors(server: Scripted, connect: Connect) -> None:
    """The second request holds the first answer and what is wrong with it; both are paid and counted."""
    server.plays(answer('{"total": "many"}'), answer('{"total": 3}'))
    reply = await connect().generate(Request(model="flash", contents="x", output=Total))
    assert (reply.value, reply.attempts, reply.usage.total) == (Total(total=3), 2, 32)
    turns = server.seen[1].body["contents"]
    assert [turn["role"] for turn in turns] == ["user", "model", "user"]
    assert "total" in turns[2]["parts"][0]["text"]
    assert any("repaired" in note for note in reply.notes)


async def test_an_answer_that_stays_invalid_is_an_error_with_the_place(server: Scripted, connect: Connect) -> None:
    """At most one repair round, and the value is never partly taken."""
    server.plays(answer('{"total": "many"}'), repeat=True)
    with pytest.raises(InvalidOutput) as caught:
        await connect().generate(Request(model="flash", contents="x", output=Total))
    assert caught.value.path == "total"
    assert caught.value.attempts == len(server.seen) == 2
    assert caught.value.partial is not None


async def test_a_cut_answer_is_never_a_success(server: Scripted, connect: Connect) -> None:
    """Without a schema it is raised at once; with one another sample is tried, once."""
    client = connect()
    for output, sent in ((None, 1), (Total, 2)):
        server.plays(answer('{"tot', finish="MAX_TOKENS"), repeat=True)
        with pytest.raises(Truncated) as caught:
            await client.generate(Request(model="flash", contents="x", output=output))
        assert len(server.seen) == caught.value.attempts == sent
        assert caught.value.partial is not None


async def test_more_room_is_given_where_it_is_allowed(server: Scripted, connect: Connect) -> None:
    """Twice the tokens, at most twice; the reply says so."""
    client = connect()
    request = Request(
        model="flash", contents="x", generation=Generation(max_output_tokens=10), on_truncation="more_room"
    )
    server.plays(answer("a", finish="MAX_TOKENS"), answer("whole"))
    reply = await client.generate(request)
    assert (reply.text, reply.attempts) == ("whole", 2)
    assert [seen.body["generationConfig"]["maxOutputTokens"] for seen in server.seen] == [10, 20]
    server.plays(answer("a", finish="MAX_TOKENS"), repeat=True)
    with pytest.raises(Truncated):
        await client.generate(request)
    assert [seen.body["generationConfig"]["maxOutputTokens"] for seen in server.seen] == [10, 20, 40]


async def test_an_answer_the_service_breaks_off_is_continued(server: Scripted, connect: Connect) -> None:
    """CONTINUATION brings a token; the pieces become one answer."""
    server.plays(answer("hel", finish="CONTINUATION", candidate={"continuationToken": "dG9r"}), answer("lo"))
    reply = await connect().generate(ASK)
    assert (reply.text, reply.finish_reason) == ("hello", "STOP")
    assert "dG9r" in str(server.seen[1].body)


async def test_a_fallback_answers_only_if_it_is_listed(server: Scripted, connect: Connect) -> None:
    """The reply names who answered; a request that is wrong is wrong everywhere."""
    client = connect(retries=RetryPolicy(max_attempts=1))
    server.plays(error(503, "UNAVAILABLE"), answer())
    reply = await client.generate(Request(model="flash", contents="x", fallbacks=("flash-lite",)))
    assert reply.model == "gemini-3.5-flash-lite"
    assert [seen.path.rpartition("/")[2].partition(":")[0] for seen in server.seen] == [
        "gemini-3.8-flash",
        "gemini-3.5-flash-lite",
    ]
    server.plays(error(400, "INVALID_ARGUMENT"), repeat=True)
    with pytest.raises(InvalidRequest):
        await client.generate(Request(model="flash", contents="x", fallbacks=("flash-lite",)))
    assert len(server.seen) == 1


WEATHER = Tool(
    "weather",
    "How the weather is.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("weather", {}, "'city' is a required property"),
        ("weather", {"city": 5}, "city"),
        ("wether", {"city": "Oslo"}, "there is no such function"),
    ],
)
async def test_calls_that_do_not_fit_have_one_repair_round(
    server: Scripted, connect: Connect, tmp_path: Path, name: str, args: dict[str, Any], told: str
) -> None:
    """The model hears what is wrong with each call, the good one beside it too, and gives all of them again."""
    good = {"functionCall": {"name": "weather", "args": {"city": "Rome"}, "id": "2"}}
    wrong = {"functionCall": {"name": name, "args": args, "id": "1"}}
    right = {"functionCall": {"name": "weather", "args": {"city": "Oslo"}, "id": "3"}}
    server.plays(answer(parts=[wrong, good]), answer(parts=[right, good]))
    request = Request(model="flash", contents="Weather?", tools=(WEATHER,), tool_mode="any")
    reply = await connect(ledger=tmp_path / "ledger.db").generate(request)
    assert [call.args for call in reply.function_calls] == [{"city": "Oslo"}, {"city": "Rome"}]
    assert "repaired" in " ".join(reply.notes)
    responses = [part["functionResponse"] for part in server.seen[1].body["contents"][-1]["parts"][:2]]
    assert [one["id"] for one in responses] == ["1", "2"]
    assert told in responses[0]["response"]["error"]
    assert "not called yet" in responses[1]["response"]["error"]
    again = await connect(ledger=tmp_path / "ledger.db").generate(request)
    assert (again.from_ledger, again.function_calls, len(server.seen)) == (True, reply.function_calls, 2)


async def test_calls_that_never_fit_are_invalid_output(server: Scripted, connect: Connect) -> None:
    """After one repair round; a caller that answers wrong calls itself gets them as they are."""
    bad = answer(parts=[{"functionCall": {"name": "weather", "args": {}}}])
    server.plays(bad, repeat=True)
    request = Request(model="flash", contents="Weather?", tools=(WEATHER,))
    with pytest.raises(InvalidOutput, match="city") as caught:
        await connect().generate(request)
    assert (caught.value.attempts, len(server.seen)) == (2, 2)
    assert caught.value.partial is not None
    assert caught.value.partial.function_calls[0].name == "weather"
    reply = await connect().generate(replace(request, check_calls=False))
    assert (reply.function_calls[0].args, len(server.seen)) == ({}, 3)


async def test_a_function_that_nobody_offered_is_never_called(server: Scripted, connect: Connect) -> None:
    """A reader without tools cannot be talked into calling one."""
    server.plays(answer(parts=[{"functionCall": {"name": "pay", "args": {}}}]), repeat=True)
    with pytest.raises(MalformedFunctionCall, match="no function was offered"):
        await connect(retries=RetryPolicy(max_attempts=1)).generate(Request(model="flash", contents="x", output=Total))


async def test_identical_requests_at_once_are_paid_once(server: Scripted, connect: Connect) -> None:
    """Four callers, one request; one cancelled caller takes nothing from the others."""
    line = say(answer("one"))
    line.stall_s = 0.1
    server.plays(line)
    client = connect()
    callers = [asyncio.create_task(client.generate(ASK)) for _ in range(5)]
    await asyncio.sleep(0.05)
    callers[0].cancel()
    replies = await asyncio.gather(*callers[1:])
    assert [reply.text for reply in replies] == ["one"] * 4
    assert len(server.seen) == 1


async def test_the_ledger_answers_the_second_time(server: Scripted, connect: Connect, tmp_path: Path) -> None:
    """Across clients and restarts; `fresh` pays again; a stream is answered from it too."""
    server.plays(answer('{"total": 3}'), answer('{"total": 4}'))
    request = Request(model="flash", contents="x", output=Total)
    client = connect(ledger=tmp_path / "ledger.db")
    first = await client.generate(request)
    again = await connect(ledger=tmp_path / "ledger.db").generate(request)
    assert (again.value, again.from_ledger, again.cost) == (first.value, True, first.cost)
    assert (await client.stream(request).whole()).value == Total(total=3)
    assert len(server.seen) == 1
    fresh = await client.generate(Request(model="flash", contents="x", output=Total, fresh=True))
    assert (fresh.value, len(server.seen)) == (Total(total=4), 2)


async def test_what_was_paid_is_written_before_it_can_fail(server: Scripted, connect: Connect, tmp_path: Path) -> None:
    """Invalid, cut and blocked answers cost money: they are in the ledger, and are never given again."""
    client = connect(ledger=tmp_path / "ledger.db", retries=RetryPolicy(max_attempts=1))
    request = Request(model="flash", contents="x", output=Total)
    for bad in (answer("no"), answer("", finish="SAFETY"), answer("{", finish="MAX_TOKENS")):
        server.plays(bad, repeat=True)
        with pytest.raises(Exception, match=r"."):
            await client.generate(request)
    from sqlalchemy import create_engine, text

    with create_engine(f"sqlite:///{tmp_path / 'ledger.db'}").connect() as connection:
        rows = connection.execute(text("select serves, picodollars from gemini_calls")).all()
    assert len(rows) == 4  # the invalid answer and its repair, the blocked one, the cut one
    assert all(not row.serves and row.picodollars > 0 for row in rows)
    server.plays(answer('{"total": 3}'))
    assert (await client.generate(request)).value == Total(total=3)


async def test_a_budget_stops_the_call_that_would_break_it(server: Scripted, connect: Connect) -> None:
    """Before it is sent, with or without a ledger file."""
    server.plays(answer(), repeat=True)
    with pytest.raises(BudgetExceeded):
        await connect(budget=Budget(per_call=1e-9)).generate(Request(model="flash", contents="x" * 1000))
    assert server.seen == []


async def test_counting_and_checking_generate_nothing(server: Scripted, connect: Connect) -> None:
    """Tokens are counted by the service; the check names who answered."""
    server.plays({"totalTokens": 5}, {"totalTokens": 1})
    client = connect()
    counted = await client.count_tokens(Request(model="flash", contents="x", system_instruction="s"))
    assert counted.total == 5
    assert "local reader" in await client.check()
    assert {seen.path.rpartition(":")[2] for seen in server.seen} == {"countTokens"}


async def test_what_no_window_holds_is_refused_before_anything_is_generated(
    server: Scripted, connect: Connect, tmp_path: Path
) -> None:
    """Counted by the service where the estimate comes near the window; what fits after all is sent."""
    book = Request(model="flash", contents="four " * 500_000)
    server.plays({"totalTokens": 1_048_577}, {"totalTokens": 1_048_576}, answer("read"))
    client = connect(ledger=tmp_path / "ledger.db")
    with pytest.raises(DocumentTooLarge, match="1,048,577 tokens") as caught:
        await client.generate(book)
    assert "Split" in caught.value.hint
    assert (await client.generate(book)).text == "read"
    assert [seen.path.rpartition(":")[2] for seen in server.seen] == ["countTokens", "countTokens", "generateContent"]
    server.plays(answer("short"))
    await client.generate(ASK)
    assert [seen.path.rpartition(":")[2] for seen in server.seen] == ["generateContent"]


async def test_one_client_for_one_loop_and_equal_options(server: Scripted) -> None:
    """Shared limits need a shared client."""
    assert shared_client(server.backend) is shared_client(server.backend)
    assert shared_client(server.backend) is not shared_client(server.backend, timeout_s=1.0)
    await shared_client(server.backend).aclose()


def test_the_environment_says_who_is_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A key selects the Developer API; a project without credentials fails; neither is the local server."""
    assert Backend.from_environment({"GEMINI_API_KEY": "k"}).kind == "developer"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    with pytest.raises(NoCredentials):
        Backend.from_environment({"GOOGLE_CLOUD_PROJECT": "p"})
    assert Backend.from_environment({"GOOGLE_API_KEY": ""}).kind == "local"


def test_two_tenants_have_two_identities() -> None:
    """Keys, projects, locations and accounts tell them apart; the local server's port does not."""
    from pydantic import SecretStr

    token = Credentials(token="x")
    backends = [
        Backend(kind="developer", api_key=SecretStr("one")),
        Backend(kind="developer", api_key=SecretStr("two")),
        Backend(kind="vertex", project="p", credentials=token),
        Backend(kind="vertex", project="q", credentials=token),
        Backend(kind="vertex", project="p", location="europe-west4", credentials=token),
        Backend.local("http://127.0.0.1:1"),
    ]
    assert len({backend.identity for backend in backends}) == len(backends)
    assert Backend.local("http://127.0.0.1:1").identity == Backend.local("http://127.0.0.1:2").identity


def test_importing_the_package_does_not_import_google_genai() -> None:
    """It takes a second, which a flow that only lists options should not pay."""
    script = "import sys, prefect_gemini.gemini.client, prefect_gemini.gemini; print('google.genai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
