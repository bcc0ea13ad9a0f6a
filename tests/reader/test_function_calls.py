"""Function calls by reading: arguments are what the text says, once for each thing it mentions, or there is no call."""

from __future__ import annotations

import pytest

from prefect_gemini.local.engine import EngineRefusal, FunctionDeclaration, GenerateCall
from prefect_gemini.local.reader.engine import ReaderEngine
from prefect_gemini.local.reader.functions import calls_in
from prefect_gemini.local.reader.functions.mentions import mentions_in


def function(name: str, description: str, *, optional: tuple[str, ...] = (), **properties: dict) -> FunctionDeclaration:
    required = [one for one in properties if one not in optional]
    return FunctionDeclaration(name, description, {"type": "object", "properties": properties, "required": required})


TEXT, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
WEATHER = function(
    "get_weather",
    "The weather in a city.",
    optional=("unit",),
    city=TEXT | {"description": "The city, for instance Lyon, FR"},
    unit=TEXT | {"enum": ["celsius", "fahrenheit"]},
)
DISTANCE = function("travel.distance", "Travel distance between two places.", origin=TEXT, destination=TEXT)
LOAN = function(
    "loan_payment",
    "Monthly payment of a loan.",
    optional=("insured",),
    principal=INTEGER | {"description": "Amount of the loan."},
    rate=NUMBER | {"description": "Interest rate."},
    years=INTEGER,
    insured={"type": "boolean"},
)
BOOK = function("hotel.book", "Book a hotel room.", hotel_name=TEXT, room_type=TEXT, nights=INTEGER)
MEAN = function("mean", "Mean of numbers.", numbers={"type": "array", "items": {"type": "integer"}})
FILE = function(
    "file_action",
    "File an action item.",
    task=TEXT,
    due=TEXT | {"format": "date", "description": "The due date."},
)
SEARCH = function(
    "find_home",
    "Find a home to buy.",
    city=TEXT,
    budget={"type": "object", "properties": {"min": INTEGER, "max": INTEGER}, "required": ["min", "max"]},
)
TAX = function("sales_tax", "Sales tax on a purchase in a city.", purchase=NUMBER, city=TEXT)
VOLUME = function("sphere.volume", "Volume of a sphere.", radius=NUMBER)


@pytest.mark.parametrize(
    ("text", "functions", "calls"),
    [
        ("How is the weather in Lyon?", [WEATHER], [("get_weather", {"city": "Lyon"})]),
        (
            "Tell me the weather in Porto in Celsius, please.",
            [VOLUME, WEATHER],
            [("get_weather", {"city": "Porto", "unit": "celsius"})],
        ),
        (
            "What is the travel distance from Graz to Linz?",
            [DISTANCE],
            [("travel.distance", {"origin": "Graz", "destination": "Linz"})],
        ),
        (
            "What is the monthly payment of a loan of $120,000 at 4.5% interest over 20 years? It is not insured.",
            [LOAN],
            [("loan_payment", {"principal": 120000, "rate": 0.045, "years": 20, "insured": False})],
        ),
        (
            "Book a double room for three nights at the Astoria Hotel.",
            [BOOK],
            [("hotel.book", {"hotel_name": "Astoria Hotel", "room_type": "double", "nights": 3})],
        ),
        (
            "File an action item named 'Send the minutes', due date 27 November 2026.",
            [FILE],
            [("file_action", {"task": "Send the minutes", "due": "2026-11-27"})],
        ),
        (
            "Find a home in Ghent with a budget from 200,000 to 300,000 euros.",
            [SEARCH],
            [("find_home", {"city": "Ghent", "budget": {"min": 200000, "max": 300000}})],
        ),
        (
            "Give me the mean of [1, 2, 3] and then the mean of [4, 5, 6].",
            [MEAN],
            [("mean", {"numbers": [1, 2, 3]}), ("mean", {"numbers": [4, 5, 6]})],
        ),
        (
            "What is the weather in Oslo and Rome?",
            [WEATHER],
            [("get_weather", {"city": "Oslo"}), ("get_weather", {"city": "Rome"})],
        ),
        (
            "What is the travel distance between Graz and Linz, and between Bern and Basel?",
            [DISTANCE],
            [
                ("travel.distance", {"origin": "Graz", "destination": "Linz"}),
                ("travel.distance", {"origin": "Bern", "destination": "Basel"}),
            ],
        ),
        (
            "How is the weather in Nice, Lyon and Metz in Celsius?",
            [WEATHER],
            [("get_weather", {"city": city, "unit": "celsius"}) for city in ("Nice", "Lyon", "Metz")],
        ),
        (
            "Tax purchases of $30.45 in Chicago, $52.33 in Sacramento and $11.23 in Portland.",
            [TAX],
            [
                ("sales_tax", {"purchase": 30.45, "city": "Chicago"}),
                ("sales_tax", {"purchase": 52.33, "city": "Sacramento"}),
                ("sales_tax", {"purchase": 11.23, "city": "Portland"}),
            ],
        ),
        (
            "Tax a purchase of $10 and a purchase of $20 in Boston.",
            [TAX],
            [("sales_tax", {"purchase": 10, "city": "Boston"}), ("sales_tax", {"purchase": 20, "city": "Boston"})],
        ),
        (
            "What is the volume of a sphere with a radius of 4m? And how is the weather in Lyon?",
            [WEATHER, VOLUME],
            [("sphere.volume", {"radius": 4}), ("get_weather", {"city": "Lyon"})],
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_call_takes_its_arguments_from_the_text(text, functions, calls):
    """Units, cues, prepositions, choices and repetition say which words are which argument."""
    assert calls_in(text, functions) == calls


@pytest.mark.parametrize(
    ("text", "functions"),
    [
        ("Who wrote the Moonlight Sonata?", [WEATHER]),
        ("How is the weather?", [WEATHER]),
        ("Book a room.", [BOOK]),
        ("What is the monthly payment of a loan over 20 years?", [LOAN]),
        ("Translate 'good morning' into Danish.", [VOLUME, MEAN]),
        ("What are the rules of chess?", [MEAN]),
        ("What is the distance of the Moon?", [WEATHER, LOAN]),
        ("Who painted the Mona Lisa?", [BOOK]),
        ("Book a table for two at Luigi's tonight.", [DISTANCE]),
    ],
)
def test_without_a_fitting_function_or_an_argument_there_is_no_call(text, functions):
    """A missing argument is not made up, and a function that the text does not speak of is not called."""
    assert calls_in(text, functions) == []


def test_a_demanded_call_with_unsaid_arguments_is_refused():
    """Mode ANY does not make the reader invent."""
    call = GenerateCall(
        model="gemini-3.8-flash",
        contents=({"role": "user", "parts": [{"text": "How is the weather?"}]},),
        functions=(WEATHER,),
        function_mode="ANY",
    )
    with pytest.raises(EngineRefusal, match="No function can be called"):
        ReaderEngine().generate(call)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pay $1,250.50 to Ann Lee Inc. by 3 May 2026 at 5 pm.", [1250.5, "Ann Lee Inc.", "3 May 2026", "5 pm"]),
        ("Find two hotels near the Gare du Nord for 'Bob'.", [2, "Gare du Nord", "Bob"]),
        ("Is 298K more than -5 degrees?", [298, -5]),
        ("Write to ann@example.com about https://example.com/a?b=1.", ["ann@example.com", "https://example.com/a?b=1"]),
        ("The average of (3, 4.5, 'x')", [[3, 4.5, "x"]]),
        ("", []),
    ],
)
def test_mentions_are_found_as_they_are_printed(text, found):
    """Numbers, names, dates, quoted words, addresses and lists."""
    assert [one.value for one in mentions_in(text)] == found
