"""Pick one of a schema's categories by what a bill says was bought; null where it does not say."""

from __future__ import annotations

import re

from prefect_gemini.local.reader.resolve import Found, Reading, Schema
from prefect_gemini.local.reader.roles import words_of

KINDS: dict[str, str] = {
    "fuel": r"petrol|diesel|\bsp ?9[58]\b|sans plomb|station[- ]service|unleaded|super e10|super e5|benzin|gasoline|\bfuel|\bpump\b|zapf|s[aä]ule|ron ?9[57]|carburant|gazole|litres?\b.*\bpump|shell|petronas|petron\b|esso|aral|\bbp\b",
    "parking": r"parking|parkhaus|parkschein|car ?park|stationnement|parcheggio|parkeer|aparcamiento",
    "transport": r"\btaxi|radio cars|minicab|\buber\b|\bgrab\b(?!food)|\btoll\b|\btrain\b|\bbahn\b|\bmetro\b|\bbus\b|p[eé]age|fahrkarte|fahrschein|\btram\b|cab fare",
    "travel": r"airline|airways|flight|boarding|flug|luggage|travel agen",
    "lodging": r"\bhotel|\bmotel|\bhostel|\binn\b|room (charge|rate|no)|\bresort|[uü]bernachtung|zimmer|\b\d+ nights?\b|albergo|guest ?house",
    "meals": r"restaurant|restoran|caf[eé]|coffee|kopi\b|kopitiam|bistro|pizz|burger|noodle|\bmee\b|nasi|\bteh\b|\bfood|kitchen|bakery|b[aä]ckerei|"
    r"\bbeer\b|\bbier\b|\bwine\b|dine[ -]?in|take ?away|take[ -]?out|table (no|#)|\bpax\b|sushi|grill|gasthaus|trattoria|brasserie|tapas|lunch|dinner|starbucks|mcdonald|kfc|"
    r"chicken|latte|cappuccino|espresso|soup|salad|steak|\bguests?\b|server:",
    "groceries": r"supermarket|super ?market|\bmarket\b|grocer|hypermarket|mini ?mart|\bmart\b|supermarkt|supermercado|supermarch|milk|bread|eggs?\b|vegetable|fruit|"
    r"tesco|aldi|lidl|rewe|edeka|carrefour|\b99 speedmart|aeon|walmart|milch|brot|banana",
    "office": r"stationer|station[ae]ry|\bpaper\b|\bpens?\b|printing|photocop|toner|\bink\b|\bbooks?\b|envelope|alat tulis|b[uü]ro|a4\b|folder|marker|stapl",
    "equipment": r"computer|laptop|monitor|printer|keyboard|usb|cable|electronic|elektronik|\bhdmi|charger|battery|batteries|\bphone\b(?! ?:| no)",
    "software": r"software|licen[cs]e|subscription|\bsaas\b|hosting|cloud",
    "telecom": r"mobile plan|\bdata plan|prepaid|top ?up|telekom|vodafone|internet|broadband|sim ?card",
    "postage": r"postage|\bpost office|\bpos laju|\bpos malaysia|courier|\bdhl\b|\bups\b|fedex|parcel|briefmarke|porto\b|stamps?\b",
    "health": r"pharmac|farmas|apothek|clinic|klinik|dental|medic|hospital|tablet|vitamin|\bdrug|optic",
    "clothing": r"shirt|trousers|\bshoes?\b|fashion|boutique|apparel|jacket|\bdress\b|schuhe|kleid|socks|jeans|textile",
    "household": r"hardware|household|furniture|\bdiy\b|\btools?\b|paint|plumb|electrical|\blamp|\bbulb|clean|detergent|mr\.? ?d\.?i\.?y|ikea|screw|\bnail|haushalt|baumarkt|kitchenware|home ?deco|perabot",
    "entertainment": r"cinema|\bmovie|theat(er|re)|concert|museum|\bgame|karaoke|ticket(s)? admit|kino\b",
}
"""What bills print of each kind of expense: English, Malay, German and a little of French, Spanish and Italian."""

NAMES: dict[str, str] = {
    "fuel": "fuel gas petrol gasoline vehicle car auto",
    "parking": "parking",
    "transport": "transport transportation taxi transit ground_transport mobility travel",
    "travel": "travel flight airfare air",
    "lodging": "lodging hotel accommodation hotels travel",
    "meals": "meals meal food dining restaurant restaurants food_and_drink food_and_beverage meals_and_entertainment food_dining",
    "groceries": "groceries grocery supermarket food shopping",
    "office": "office office_supplies supplies stationery",
    "equipment": "equipment electronics hardware it",
    "software": "software subscriptions subscription it",
    "telecom": "telecom communication phone internet utilities",
    "postage": "postage shipping mail courier",
    "health": "health medical healthcare pharmacy",
    "clothing": "clothing apparel clothes fashion shopping",
    "household": "household home home_improvement hardware maintenance shopping retail",
    "entertainment": "entertainment leisure recreation",
}
"""The names under which schemas list each kind, the most telling first."""


ENOUGH = 2.0
"""A kind is told by the shop's name, or by two articles; one article alone tells nothing."""


def pick_category(reading: Reading, schema: Schema) -> Found | None:
    """The category, out of the schema's own list, that the words of the bill speak for.

    Args:
        reading: the bill.
        schema: with an `enum`; without a list there is nothing to pick from and nothing is printed to copy.

    Returns:
        The choice with the words it rests on; None where no kind is told, or two are told equally.
    """
    choices = [choice for choice in schema.get("enum", ()) if isinstance(choice, str)]
    if not choices:
        return None
    marks: dict[str, list[tuple[float, tuple[int, int, int]]]] = {}
    top = max(len(reading.lines) // 5, 3)
    for number, line in enumerate(reading.lines):
        for kind, pattern in KINDS.items():
            for match in re.finditer(pattern, line.text, re.IGNORECASE):
                # The name of the shop, at the top, says more than one article does.
                marks.setdefault(kind, []).append((3.0 if number < top else 1.0, line.span(*match.span())))
    told: dict[str, list[tuple[float, tuple[int, int, int]]]] = {}
    for kind, places in marks.items():
        choice = _choice_for(kind, choices)
        if choice is not None:
            told.setdefault(choice, []).extend(places)
    for choice in choices:
        own = re.compile(rf"\b{re.escape(words_of(choice))}\b", re.IGNORECASE)
        if len(choice) > 3 and choice.lower() != "other":
            for line in reading.lines:
                told.setdefault(choice, []).extend((1.0, line.span(*match.span())) for match in own.finditer(line.text))
    weights = sorted(
        ((sum(weight for weight, _ in places), choice) for choice, places in told.items() if places), reverse=True
    )
    if not weights or weights[0][0] < ENOUGH or (len(weights) > 1 and weights[0][0] < 1.5 * weights[1][0]):
        return None
    weight, choice = weights[0]
    best = max(told[choice], key=lambda place: place[0])
    return Found(choice, (best[1],), min(0.95, 0.45 + 0.1 * weight))


def _choice_for(kind: str, choices: list[str]) -> str | None:
    plain = {re.sub(r"\W+", "_", choice.lower().replace("&", "and")).strip("_"): choice for choice in choices}
    for name in NAMES[kind].split():
        if name in plain:
            return plain[name]
        for key, choice in plain.items():
            if name in key.split("_"):
                return choice
    return None
