"""The sums of an article of 24 September 2024, done again with the prices of its day.

The article is William Spurlock's "Google Gemini 1.5 Flash September 2024 Update". Its prices are
Google's; some of its sums are not what those prices give, and each such place is named here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from genai_prices.data_snapshot import get_snapshot

from prefect_gemini.gemini.costs.price_rows import Rates
from prefect_gemini.gemini.costs.prices import Tokens, rates_of, storage_cost

__all__ = ["Sum", "Workload", "article_sums", "monthly", "pipeline"]

PUBLISHED = date(2024, 9, 24)
PRO_CUT = date(2024, 10, 7)
"""From this day Gemini 1.5 Pro cost less."""
BEFORE_AUGUST = date(2024, 8, 1)
MILLION = 1_000_000
DAYS = 30
TOLERANCE = Decimal("0.03")
"""The article rounds ("~$11" for 11.25); what is further off than this is called wrong."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One figure of the article, and what its own prices give.

    Attributes:
        section: The article's heading.
        what: What is added up.
        claimed: The article's figure.
        computed: Ours.
        unit: "$" or "%" or "x".
        remark: Why they differ, where they do.
    """

    section: str
    what: str
    claimed: Decimal
    computed: Decimal
    unit: str = "$"
    remark: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the article's figure is ours, rounded."""
        return abs(self.claimed - self.computed) <= TOLERANCE * abs(self.computed)


@dataclass(frozen=True, slots=True)
class Workload:
    """What a workload costs on one model.

    Attributes:
        model: The model's id.
        input_usd: Input.
        output_usd: Output.
    """

    model: str
    input_usd: Decimal
    output_usd: Decimal

    @property
    def usd(self) -> Decimal:
        """Both together."""
        return self.input_usd + self.output_usd


def monthly(model: str, *, at: date, tier: str = "standard") -> Workload:
    """Price thirty days of a million tokens in and a million out a day."""
    return _workload(model, Tokens(prompt=DAYS * MILLION, output=DAYS * MILLION), at, tier)


def pipeline(model: str, *, at: date, tier: str = "standard", documents: int = MILLION) -> Workload:
    """Price a million documents of 2,000 tokens, each answered with 1,000."""
    return _workload(model, Tokens(prompt=2_000 * documents, output=1_000 * documents), at, tier)


def _workload(model: str, tokens: Tokens, at: date, tier: str) -> Workload:
    """Price many short calls: their sum is no long prompt, so the rates of short prompts apply."""
    if model == "gpt-4o-mini":
        price_in, price_out = _gpt_4o_mini()
    else:
        rates = _rates(model, at, tier)
        price_in, price_out = rates.input, rates.output
    return Workload(model, tokens.prompt * price_in / MILLION, tokens.output * price_out / MILLION)


def article_sums() -> tuple[Sum, ...]:
    """Do every sum of the article again."""
    return (*_prices(), *_cuts(), *_monthly(), *_pipeline())


def _prices() -> tuple[Sum, ...]:
    section, flash, lite, pro = "Prices", "gemini-1.5-flash-002", "gemini-1.5-flash-8b", "gemini-1.5-pro-002"
    rows: list[Sum] = []
    for name, model, day, listed in (
        ("1.5 Flash-002", flash, PUBLISHED, ("0.075", "0.30")),
        ("1.5 Flash-8B", lite, PUBLISHED, ("0.0375", "0.15")),
        ("1.5 Pro-002 to 6 October", pro, PUBLISHED, ("3.50", "10.50")),
        ("1.5 Pro-002 from 7 October", pro, PRO_CUT, ("1.25", "5.00")),
    ):
        for kind, tokens, claimed in zip(
            ("input", "output"), (Tokens(prompt=MILLION), Tokens(output=MILLION)), listed, strict=True
        ):
            rows.append(Sum(section, f"{name}, million {kind} tokens", Decimal(claimed), _short(model, tokens, day)))
    for name, model, day, claimed in (
        ("1.5 Flash-002", flash, PUBLISHED, "0.00375"),
        ("1.5 Pro-002 to 6 October", pro, PUBLISHED, "0.35"),
        ("1.5 Pro-002 from 7 October", pro, PRO_CUT, "0.25"),
    ):
        read, kept = _rates(model, day).cached or Decimal(0), storage_cost(model, MILLION, hours=1)
        rows.append(
            Sum(
                section,
                f"{name}, million tokens from a cache",
                Decimal(claimed),
                read,
                remark=f"{name}: a million cached tokens cost ${read} to read and ${kept} an hour to keep.",
            )
        )
    documents = _short(flash, Tokens(prompt=100_000 * 2_000), PUBLISHED)
    rows.append(Sum(section, "1.5 Flash-002, 100,000 documents of 2,000 tokens read", Decimal(15), documents))
    return tuple(rows)


def _short(model: str, tokens: Tokens, day: date) -> Decimal:
    """Price tokens that come in many short prompts."""
    rates = _rates(model, day)
    return (tokens.prompt * rates.input + tokens.output * rates.output) / MILLION


def _rates(model: str, day: date, tier: str = "standard") -> Rates:
    """Find the rates of a model that is known to have some."""
    rates = rates_of(model, at=day, tier=tier)
    if rates is None:
        raise LookupError(f"no price is known for {model!r}")
    return rates


def _cuts() -> tuple[Sum, ...]:
    section = "Price cuts"
    pro_before, pro_after = (_rates("gemini-1.5-pro-002", day) for day in (PUBLISHED, PRO_CUT))
    flash_before, flash_after = (_rates("gemini-1.5-flash-001", day) for day in (BEFORE_AUGUST, PUBLISHED))

    def cut(before: Decimal, after: Decimal) -> Decimal:
        return 100 * (1 - after / before)

    august = "Google's own announcement says 78 and 71 %: $0.35 to $0.075 and $1.05 to $0.30."
    share = "A sixteenth or seventeenth is 6 %."
    return (
        Sum(section, "1.5 Pro input, 7 October", Decimal(64), cut(pro_before.input, pro_after.input), "%"),
        Sum(section, "1.5 Pro output, 7 October", Decimal(52), cut(pro_before.output, pro_after.output), "%"),
        Sum(section, "1.5 Flash input, August", Decimal(85), cut(flash_before.input, flash_after.input), "%", august),
        Sum(
            section, "1.5 Flash output, August", Decimal(80), cut(flash_before.output, flash_after.output), "%", august
        ),
        Sum(section, "Flash's share of Pro's price", Decimal(5), 100 * flash_after.input / pro_after.input, "%", share),
        Sum(section, "cached input, Flash", Decimal(75), cut(flash_after.input, flash_after.cached or Decimal(0)), "%"),
    )


def _monthly() -> tuple[Sum, ...]:
    section = "A million tokens a day, for thirty days"
    off = "$6.25 a day for 30 days is $187.50; $195 is 31.2 days."
    pro_month = monthly("gemini-1.5-pro-002", at=PRO_CUT).usd
    ratio = "The table's output column is a million tokens too; at the 4:1 it states (250,000 out) a month is $4.50."
    return (
        Sum(section, "1.5 Flash-002", Decimal(11), monthly("gemini-1.5-flash-002", at=PUBLISHED).usd, remark=ratio),
        Sum(section, "GPT-4o mini", Decimal(23), monthly("gpt-4o-mini", at=PUBLISHED).usd),
        Sum(section, "1.5 Pro-002 from 7 October", Decimal(195), pro_month, remark=off),
    )


def _pipeline() -> tuple[Sum, ...]:
    section = "A million documents a month, 2,000 tokens in, 1,000 out"
    flash = "gemini-1.5-flash-002"
    now, batch = pipeline(flash, at=PUBLISHED), pipeline(flash, at=PUBLISHED, tier="batch")
    mini, old = pipeline("gpt-4o-mini", at=PUBLISHED), pipeline("gemini-1.5-flash-001", at=BEFORE_AUGUST)
    remark = "At $0.35 and $1.05 a million, the price before August 2024."
    output = "1,000 million tokens at $0.60 are $600."
    return (
        Sum(section, "Flash-002, input", Decimal(150), now.input_usd),
        Sum(section, "Flash-002, output", Decimal(300), now.output_usd),
        Sum(section, "Flash-002, both", Decimal(450), now.usd),
        Sum(section, "Flash-002 in batch, both", Decimal(225), batch.usd),
        Sum(section, "GPT-4o mini, input", Decimal(300), mini.input_usd),
        Sum(section, "GPT-4o mini, output", Decimal(400), mini.output_usd, remark=output),
        Sum(section, "GPT-4o mini, both", Decimal(700), mini.usd, remark="$300 and $600."),
        Sum(section, "Flash-001 before August, input", Decimal(375), old.input_usd, remark=remark),
        Sum(section, "Flash-001 before August, output", Decimal(1200), old.output_usd, remark=remark),
        Sum(section, "Flash-001 before August, both", Decimal(1575), old.usd, remark=remark),
    )


def _gpt_4o_mini() -> tuple[Decimal, Decimal]:
    """Read the price the article compares with."""
    openai = next(provider for provider in get_snapshot().providers if provider.id == "openai")
    model = openai.find_model("gpt-4o-mini")
    assert model is not None
    prices = model.prices
    return Decimal(prices.input_mtok), Decimal(prices.output_mtok)  # type: ignore[union-attr, arg-type]
