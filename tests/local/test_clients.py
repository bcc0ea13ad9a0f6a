"""Other people's clients, unchanged, on the local server: older Google ones, JavaScript, LangChain, n8n's request.

A client that is not installed is skipped. `NODE_PATH` says where npm's `@google/genai` is, and
`CLIENTS_PYTHON` which interpreter has langchain-google-genai and gcsfs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials

from prefect_gemini.local import LocalGemini
from prefect_gemini.testing import json_reply

# As an n8n "HTTP Request" node of 2024 has it; only the address differs.
N8N_NODE = """
{
  "method": "POST",
  "url": "https://us-central1-aiplatform.googleapis.com/v1/projects/PROJECT/locations/us-central1/publishers/google/models/gemini-1.5-flash-002:generateContent",
  "authentication": "genericCredentialType",
  "genericAuthType": "googleApiOAuth2",
  "sendBody": true,
  "bodyParameters": {
    "contents": [
      {
        "role": "user",
        "parts": [
          {"text": "{{ $json.documentText }}"},
          {"text": "Extract all dates, amounts, and parties mentioned."}
        ]
      }
    ],
    "generationConfig": {
      "temperature": 0.1,
      "maxOutputTokens": 2048,
      "responseMimeType": "application/json"
    }
  }
}
"""


@pytest.fixture
def old_models(server: LocalGemini) -> LocalGemini:
    """The server with the models of 2024, which Google has shut down."""
    server.retirement = False
    return server


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_n8n_request_is_answered_through_curl(old_models: LocalGemini, engine: Any) -> None:
    """Path, contents and camelCase generationConfig, word for word."""
    node = json.loads(N8N_NODE)
    address = node["url"].replace("https://us-central1-aiplatform.googleapis.com", old_models.base_url)
    asked = ["curl", "-sS", "-X", node["method"], address, "--data-binary", "@-"]
    headers = ["-H", "Authorization: Bearer x", "-H", "Content-Type: application/json"]
    body = json.dumps(node["bodyParameters"]).encode()
    reply = json.loads(subprocess.run([*asked, *headers], input=body, check=True, capture_output=True).stdout)
    assert reply["candidates"][0]["content"]["parts"][0]["text"].endswith("amounts, and parties mentioned.")
    assert engine.calls[-1].response_mime_type == "application/json"
    assert engine.calls[-1].generation_config == {"temperature": 0.1, "maxOutputTokens": 2048}


@pytest.fixture
def vertexai(old_models: LocalGemini) -> Iterator[Any]:
    """The generative modules of google-cloud-aiplatform, which Google announced to remove in June 2026."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("vertexai")
        pytest.importorskip("vertexai.generative_models")
    old_models.wire.authentication = False
    module.init(
        project="p",
        location="us-central1",
        api_endpoint=old_models.base_url,
        api_transport="rest",
        credentials=AnonymousCredentials(),
    )
    yield module
    module.init(project="p", location="us-central1")


@pytest.mark.filterwarnings("ignore")
def test_legacy_vertexai_answers_and_streams(vertexai: Any) -> None:
    """Two parts, a stream, and a count."""
    from vertexai.generative_models import GenerativeModel

    model = GenerativeModel("gemini-1.5-flash-002")
    assert model.generate_content(["A long contract.", "Summarize."]).text == "You said: A long contract. Summarize."
    assert "".join(chunk.text for chunk in model.generate_content("Go on, please.", stream=True)) == (
        "You said: Go on, please."
    )
    assert model.count_tokens("Go on, please.").total_tokens > 0


@pytest.mark.filterwarnings("ignore")
def test_legacy_safety_settings_and_schema_arrive(vertexai: Any, server: LocalGemini) -> None:
    """What the old classes and dictionaries say is read as today's clients say it."""
    from vertexai.generative_models import GenerativeModel, SafetySetting

    server.script([json_reply({"sentiment": "positive", "confidence": 0.9})])
    # The old client itself refuses lower-case types.
    schema = {
        "type": "OBJECT",
        "properties": {
            "sentiment": {"type": "STRING", "enum": ["positive", "negative", "neutral"]},
            "confidence": {"type": "NUMBER"},
            "key_points": {"type": "ARRAY", "items": {"type": "STRING"}},
        },
        "required": ["sentiment", "confidence"],
    }
    reply = GenerativeModel("gemini-1.5-flash-002").generate_content(
        "Analyze this customer feedback: 'Great product but slow shipping'",
        safety_settings=[
            SafetySetting(
                category=SafetySetting.HarmCategory.HARM_CATEGORY_HARASSMENT,
                threshold=SafetySetting.HarmBlockThreshold.BLOCK_ONLY_HIGH,
            )
        ],
        generation_config={"response_mime_type": "application/json", "response_schema": schema},
    )
    assert json.loads(reply.text)["sentiment"] == "positive"
    sent = server.journal.last.body
    assert sent["safetySettings"] == [{"category": 3, "threshold": 3}]
    assert sent["generationConfig"]["responseSchema"]["required"] == ["sentiment", "confidence"]


NODE_SCRIPT = """
const { GoogleGenAI } = require('@google/genai');
(async () => {
  const baseUrl = process.argv[1];
  const out = {};
  const modes = {
    developer: { apiKey: 'k', httpOptions: { baseUrl } },
    vertex: { vertexai: true, apiKey: 'k', httpOptions: { baseUrl } },
  };
  for (const [name, options] of Object.entries(modes)) {
    const ai = new GoogleGenAI(options);
    const model = 'gemini-3.8-flash';
    const reply = await ai.models.generateContent({ model, contents: 'hello there' });
    let streamed = '';
    for await (const chunk of await ai.models.generateContentStream({ model, contents: 'once more' }))
      streamed += chunk.text ?? '';
    const counted = await ai.models.countTokens({ model, contents: 'hello there' });
    out[name] = { text: reply.text, streamed, tokens: counted.totalTokens };
  }
  const ai = new GoogleGenAI(modes.developer);
  const file = await ai.files.upload({
    file: new Blob(['some words'], { type: 'text/plain' }), config: { displayName: 'note' },
  });
  out.file = (await ai.files.get({ name: file.name })).displayName;
  await ai.files.delete({ name: file.name });
  try {
    await ai.models.generateContent({ model: 'gemini-9', contents: 'x' });
  } catch (error) { out.status = error.status; }
  console.log(JSON.stringify(out));
})();
"""


def test_genai_for_javascript(server: LocalGemini) -> None:
    """`@google/genai` generates, streams, counts, uploads, and reads errors, in both modes."""
    node = shutil.which("node")
    if not node or subprocess.run([node, "-e", "require('@google/genai')"], capture_output=True).returncode:
        pytest.skip("node with @google/genai (see NODE_PATH) is not installed")
    ran = subprocess.run([node, "-e", NODE_SCRIPT, server.base_url], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    out = json.loads(ran.stdout)
    for mode in ("developer", "vertex"):
        assert out[mode]["text"] == "You said: hello there"
        assert out[mode]["streamed"] == "You said: once more"
        assert out[mode]["tokens"] > 0
    assert (out["file"], out["status"]) == ("note", 404)


def run_elsewhere(script: str, server: LocalGemini, module: str) -> Any:
    """Run a script in the interpreter that has a client, and read the JSON it prints."""
    python = os.environ.get("CLIENTS_PYTHON", sys.executable)
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode:
        pytest.skip(f"{module} (see CLIENTS_PYTHON) is not installed")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    ran = subprocess.run(
        [python, "-c", script, server.base_url], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


LANGCHAIN_SCRIPT = """
import json, sys
from google.oauth2.credentials import Credentials
from langchain_google_genai import ChatGoogleGenerativeAI
from pydantic import BaseModel

class Bill(BaseModel):
    total: float

base, out = sys.argv[1], {}
ways = {
    "developer": {"api_key": "k"},
    "vertex": {"vertexai": True, "project": "p", "location": "us-central1", "credentials": Credentials(token="t")},
}
for name, how in ways.items():
    chat = ChatGoogleGenerativeAI(model="gemini-3.8-flash", base_url=base, **how)
    reply = chat.invoke("hello there")
    streamed = "".join(chunk.text for chunk in chat.stream("once more"))
    bill = chat.with_structured_output(Bill, method="json_schema").invoke("the bill")
    out[name] = [reply.text, streamed, bill.total, reply.usage_metadata["total_tokens"]]
print(json.dumps(out))
"""


def test_langchain(server: LocalGemini) -> None:
    """langchain-google-genai chats, streams, and reads a typed answer, in both modes."""
    server.script(json_reply({"total": 12.5}), when=lambda call: "the bill" in str(call.payload), times=None)
    server.script(lambda body: json_reply({"said": body["contents"][-1]["parts"][-1]["text"]}), times=None)
    for text, streamed, total, tokens in run_elsewhere(LANGCHAIN_SCRIPT, server, "langchain_google_genai").values():
        assert json.loads(text) == {"said": "hello there"}
        assert json.loads(streamed) == {"said": "once more"}
        assert total == 12.5
        assert tokens > 0


GCSFS_SCRIPT = """
import json, os, sys
# Without this it asks Google over gRPC, whatever its endpoint, what kind of bucket this is.
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"
import fsspec

files = fsspec.filesystem("gcs", token="anon", endpoint_url=sys.argv[1], project="p")
files.mkdir("receipts")
big = os.urandom(6_000_000)
for name, data in (("receipts/in/a.txt", b"hello"), ("receipts/in/big.bin", big)):
    with files.open(name, "wb") as out:
        out.write(data)
files.invalidate_cache()
with files.open("receipts/in/big.bin", "rb") as back:
    back.seek(5_000_000)
    tail = back.read() == big[5_000_000:]
files.cp("receipts/in/a.txt", "receipts/b.txt")
listed = sorted(files.ls("receipts/in"))
files.rm("receipts/in", recursive=True)
files.invalidate_cache()
print(json.dumps([files.cat("receipts/b.txt").decode(), tail, listed, files.find("receipts")]))
"""


def test_gcsfs(server: LocalGemini) -> None:
    """gcsfs writes, seeks, lists, copies and removes; the server sees the same objects."""
    said = run_elsewhere(GCSFS_SCRIPT, server, "gcsfs")
    assert said == ["hello", True, ["receipts/in/a.txt", "receipts/in/big.bin"], ["receipts/b.txt"]]
    assert server.storage.read("gs://receipts/b.txt") == b"hello"


@pytest.mark.filterwarnings("ignore")
def test_legacy_batch_prediction_reads_and_writes_buckets(
    vertexai: Any, server: LocalGemini, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Submitted, polled to its end, results in the bucket it names."""
    from vertexai.batch_prediction import BatchPredictionJob

    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.base_url)
    row = {"request": {"contents": [{"role": "user", "parts": [{"text": "great product"}]}]}}
    server.storage.write("gs://my-bucket/documents-to-analyze.jsonl", json.dumps(row) + "\n")
    job = BatchPredictionJob.submit(
        source_model="gemini-1.5-flash-002",
        input_dataset="gs://my-bucket/documents-to-analyze.jsonl",
        output_uri_prefix="gs://my-bucket/results/",
    )
    for _ in range(1200):
        if job.has_ended:
            break
        time.sleep(0.05)
        job.refresh()
    assert job.has_succeeded
    found = server.storage.list(f"{job.output_location}/*.jsonl")
    answer = json.loads(server.storage.read(found[0]))
    assert answer["response"]["candidates"][0]["content"]["parts"][0]["text"] == "You said: great product"
