"""Prefect alone: `.map` over a sync task with one call of google-genai."""

from _job import MODEL, PROMPT, arguments, documents, measured
from google import genai
from google.genai import types
from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import BaseModel

URL, COUNT, IN_FLIGHT = arguments()
CLIENT = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=URL))


class Receipt(BaseModel):
    merchant: str
    total: float


@task
def read(text: str) -> float:
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_json_schema=Receipt.model_json_schema()
    )
    reply = CLIENT.models.generate_content(model=MODEL, contents=[PROMPT, text], config=config)
    return Receipt.model_validate_json(reply.text or "").total


@flow(task_runner=ThreadPoolTaskRunner(max_workers=IN_FLIGHT))
def main() -> None:
    with measured(COUNT) as result:
        totals = read.map(list(documents(COUNT))).result()
        result["done"] = sum(total == 12.5 for total in totals)


main()
