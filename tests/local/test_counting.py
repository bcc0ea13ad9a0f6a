"""countTokens, computeTokens, embeddings and the catalogue, on both surfaces through the unchanged client."""

from __future__ import annotations

import math

import pytest
from google import genai
from google.genai import errors, types

from prefect_gemini.local import LocalGemini
from tests.local.conftest import CLIENTS, vertex_client

MODEL = "gemini-3.8-flash"


@pytest.fixture
def client(server: LocalGemini, surface: str) -> genai.Client:
    return CLIENTS[surface](server)


def test_count_is_what_generating_bills(client: genai.Client) -> None:
    """countTokens and the usage of the same prompt agree."""
    prompt = "How many parcels are on the ship, and who counted them?"
    counted = client.models.count_tokens(model=MODEL, contents=prompt).total_tokens
    assert counted == client.models.generate_content(model=MODEL, contents=prompt).usage_metadata.prompt_token_count


def test_tokens_put_together_are_the_text(server: LocalGemini) -> None:
    """computeTokens gives the text back in pieces, each with an id that is always the same."""
    with vertex_client(server) as client:
        (info,) = client.models.compute_tokens(model=MODEL, contents="ship after ship").tokens_info
    assert b"".join(info.tokens).decode() == "ship after ship"
    assert len(info.token_ids) == len(info.tokens)


@pytest.mark.parametrize("model", ["gemini-embedding-001", "gemini-embedding-2"])
def test_embeddings_are_unit_vectors_near_what_is_alike(client: genai.Client, model: str) -> None:
    """Texts that share words are nearer than texts that do not; the same text has the same vector."""

    def vector(text: str) -> list[float]:
        config = types.EmbedContentConfig(output_dimensionality=256)
        (found,) = client.models.embed_content(model=model, contents=text, config=config).embeddings
        return found.values

    def near(one: list[float], other: list[float]) -> float:
        return sum(a * b for a, b in zip(one, other, strict=True))

    ship, ships, soup = vector("the ship left the harbour"), vector("a ship in the harbour"), vector("boil the soup")
    assert ship == vector("the ship left the harbour")
    assert math.isclose(sum(value * value for value in ship), 1, abs_tol=1e-4)
    assert near(ship, ships) > near(ship, soup)


def test_catalogue_is_of_the_day(client: genai.Client, server: LocalGemini) -> None:
    """Living models are listed and shown, retired ones are not, unless the clock stands before their end."""
    names = {model.name.rpartition("/")[2] for model in client.models.list(config={"page_size": 5})}
    assert MODEL in names
    assert "gemini-1.5-flash-002" not in names
    assert client.models.get(model=MODEL).name.endswith(MODEL)
    with pytest.raises(errors.ClientError, match="404"):
        client.models.get(model="gemini-1.5-flash-002")
    server.clock.move(-2 * 365 * 24 * 3600)
    assert client.models.get(model="gemini-1.5-flash-002").name.endswith("gemini-1.5-flash-002")
