"""Turn what was found into what a schema asks for: its type, its format, its list of choices."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from prefect_gemini.local.reader.dates import dates_in
from prefect_gemini.local.reader.money import amounts_in, parse_number
from prefect_gemini.local.reader.resolve import Schema

SYNONYMS: tuple[frozenset[str], ...] = (
    frozenset(["cash", "tunai", "bar", "bargeld", "especes", "efectivo", "contant", "contanti", "kontant", "gotowka"]),
    frozenset(
        [
            "card",
            "credit_card",
            "creditcard",
            "credit",
            "visa",
            "mastercard",
            "master",
            "amex",
            "american_express",
            "kreditkarte",
        ]
    ),
    frozenset(
        [
            "card",
            "debit_card",
            "debitcard",
            "debit",
            "maestro",
            "girocard",
            "ec_karte",
            "bancontact",
            "mydebit",
            "vpay",
            "interac",
        ]
    ),
    frozenset(
        [
            "ewallet",
            "e_wallet",
            "wallet",
            "mobile",
            "apple_pay",
            "google_pay",
            "paypal",
            "grabpay",
            "touch_n_go",
            "boost",
            "alipay",
            "wechat",
        ]
    ),
    frozenset(["bank_transfer", "transfer", "bank", "ueberweisung", "virement", "wire", "sepa"]),
)
"""Words of payment that stand for one another when a choice is picked from a list."""


class Unfit(ValueError):
    """The value found is not one the schema takes."""


def types_of(schema: Schema) -> tuple[str, ...]:
    """The types a schema allows, "null" among them; every type where it names none."""
    kind = schema.get("type")
    types = (kind,) if isinstance(kind, str) else tuple(kind or ())
    if schema.get("nullable") and "null" not in types:
        types = (*types, "null")
    return types


def fit(value: Any, schema: Schema) -> Any:
    """Turn a found value into JSON that the schema takes.

    Dates become ISO 8601; amounts become numbers, or strings with the decimals as printed; a value for a list of
    choices becomes the choice that names it.

    Args:
        value: Decimal, date, time or str.
        schema: of the property, references resolved, one branch of a union.

    Raises:
        Unfit: it cannot, without inventing.
    """
    if "const" in schema or "enum" in schema:
        return _choice(value, [schema["const"]] if "const" in schema else schema["enum"])
    types = types_of(schema)
    if "number" in types or "integer" in types:
        return _number(value, schema, whole="number" not in types)
    if types and "string" not in types:
        raise Unfit(f"{value!r} is no {types[0]}.")
    return _string(value, schema)


def _number(value: Any, schema: Schema, *, whole: bool) -> int | float:
    if isinstance(value, str):
        amounts = [amount.value for amount in amounts_in(value)]
        if len(amounts) != 1:
            raise Unfit(f"{value!r} is no number.")
        value = amounts[0]
    if not isinstance(value, Decimal):
        raise Unfit(f"{value!r} is no number.")
    low, high = schema.get("minimum"), schema.get("maximum")
    if (low is not None and value < Decimal(str(low))) or (high is not None and value > Decimal(str(high))):
        raise Unfit(f"{value} is outside what the schema allows.")
    if value == value.to_integral_value() and (whole or value.as_tuple().exponent == 0):
        return int(value)
    if whole:
        raise Unfit(f"{value} is no integer.")
    return float(value)


def _string(value: Any, schema: Schema) -> str:
    form = schema.get("format")
    if isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, date):
        text = value.isoformat() + ("T00:00:00" if form == "date-time" else "")
        if form == "time":
            raise Unfit("a date is no time of day.")
    elif isinstance(value, time):
        if form in ("date", "date-time"):
            raise Unfit("a time of day is no date.")
        text = value.isoformat() if form == "time" or value.second else value.strftime("%H:%M")
    elif isinstance(value, Decimal):
        text = f"{value:f}"
    else:
        text = str(value)
        if form in ("date", "date-time"):
            printed = next(dates_in(text), None)
            if printed is None:
                raise Unfit(f"{text!r} is no date.")
            text = printed.value.isoformat() + ("T00:00:00" if form == "date-time" else "")
    _check_text(text, schema)
    return text


def _check_text(text: str, schema: Schema) -> None:
    if len(text) < schema.get("minLength", 0) or len(text) > schema.get("maxLength", len(text)):
        raise Unfit(f"{text!r} is not as long as the schema asks.")
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        try:
            fits = re.search(pattern, text) is not None
        except re.error:  # a pattern of another dialect: the caller's own check will tell
            fits = True
        if not fits:
            raise Unfit(f"{text!r} does not match {pattern!r}.")


def _choice(value: Any, choices: list[Any]) -> Any:
    """The choice that names the value: equal, equal as text, or a synonym of payment."""
    if isinstance(value, Decimal):
        for choice in choices:
            if _as_number(choice) == value:
                return choice
        raise Unfit(f"{value} is none of the choices.")
    wanted = _plain(value.isoformat() if isinstance(value, (date, time)) else str(value))
    for choice in choices:
        if choice is not None and _plain(str(choice)) == wanted:
            return choice
    words = set(wanted.split("_")) | {wanted}
    for group in SYNONYMS:
        if words & group:
            fitting = [choice for choice in choices if choice is not None and _plain(str(choice)) in group]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                return next((choice for choice in fitting if _plain(str(choice)) != "card"), fitting[0])
    raise Unfit(f"{value!r} is none of the choices.")


def _as_number(choice: Any) -> Decimal | None:
    try:
        return parse_number(choice) if isinstance(choice, str) else Decimal(str(choice))
    except (ValueError, InvalidOperation):
        return None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "_", text.strip().lower()).strip("_")
