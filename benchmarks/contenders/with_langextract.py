"""langextract: one call for all documents, as many workers as requests in flight."""

import langextract as lx
from _job import MODEL, PROMPT, arguments, documents, measured

URL, COUNT, IN_FLIGHT = arguments()

EXAMPLE = lx.data.ExampleData(
    text="Cafe Sued\nTable 4\nTotal 3.20 EUR",
    extractions=[
        lx.data.Extraction(extraction_class="merchant", extraction_text="Cafe Sued"),
        lx.data.Extraction(extraction_class="total", extraction_text="3.20"),
    ],
)

with measured(COUNT) as result:
    found = lx.extract(
        text_or_documents=[lx.data.Document(text=text) for text in documents(COUNT)],
        prompt_description=PROMPT,
        examples=[EXAMPLE],
        model_id=MODEL,
        api_key="x",
        max_workers=IN_FLIGHT,
        batch_length=IN_FLIGHT,
        language_model_params={"http_options": {"base_url": URL}},
        show_progress=False,
    )
    result["done"] = sum(
        any(one.extraction_class == "total" and one.extraction_text == "12.50" for one in document.extractions or ())
        for document in found
    )
