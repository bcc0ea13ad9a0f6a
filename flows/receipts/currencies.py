"""Currencies: their ISO 4217 codes, how many decimals they have, and how cash is rounded in them."""

from __future__ import annotations

from decimal import Decimal

_CODES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
    NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES
    VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - two hundred quotation marks would hide the codes
)
"""Circulating currencies of ISO 4217, and those that receipts of the last ten years still carry (ANG, BGN, HRK)."""

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS = {**dict.fromkeys(_WHOLE.split(), 0), **dict.fromkeys(_THOUSANDTHS.split(), 3)}
"""Minor units of ISO 4217 where they are not 2."""

_CASH_STEPS = {
    **dict.fromkeys(["AUD", "CAD", "CHF", "EUR", "MYR", "SGD"], Decimal("0.05")),
    **dict.fromkeys(["HKD", "ILS", "NZD", "ZAR"], Decimal("0.10")),
    "DKK": Decimal("0.50"),
    **dict.fromkeys(["CZK", "NOK", "SEK"], Decimal(1)),
    "HUF": Decimal(5),
}
"""The smallest sum paid in cash where small coins are gone. EUR: Finland, the Netherlands, Ireland, Belgium, Italy."""


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 code, in capitals."""
    return code in _CODES


def minor_unit(code: str | None) -> Decimal:
    """The smallest amount of a currency: 0.01 EUR, 1 JPY, 0.001 KWD; 0.01 where the currency is not known."""
    return Decimal(1).scaleb(-_DECIMALS.get(code or "", 2))


def cash_step(code: str | None) -> Decimal | None:
    """What cash totals are rounded to in a currency; None where every minor unit is paid."""
    return _CASH_STEPS.get(code or "")
