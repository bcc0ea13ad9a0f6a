"""Everyday words that mean the same in a request to a service; a label that has one is expanded with the others."""

from __future__ import annotations

from prefect_gemini.local.reader.words import terms

SYNONYMS = tuple(
    frozenset(terms(words))
    for words in """
    refund reimburse moneyback
    fee fees charge charged cost costs extra
    atm machine cashpoint withdraw withdrawal
    topup top topping load add deposit
    cancel revert undo stop abort
    lost missing stolen lose theft gone
    pin passcode password code unlock
    verify verification prove proof identity identification confirm
    transfer send sent wire
    exchange convert conversion rate
    currency currencies dollars euros pounds fiat
    declined rejected refused denied blocked
    pending waiting processing yet still
    limit maximum most
    age old young child children kids daughter son
    country countries abroad overseas foreign international travel
    disposable virtual temporary
    twice double duplicate multiple times again
    broken working work works fail failed failing functioning
    arrive arrival delivery deliver delivered receive track come shipped mail
    activate activation enable
    terminate close delete
    change edit update modify switch
    thank thanks grateful appreciate appreciated
    weather rain temperature forecast sunny cold hot snow
    greeting hello hi hey morning doing howdy
    vacation pto holiday leave dayoff
    reservation reservations reserve reserved table
    book booking reserve
    expire expiration expires expiry valid
    meeting meetings appointment appointments
    order buy purchase ordering shop
    reset factory restore original
    compromised hacked fraud fraudulent unauthorized someone
    recognised recognise recognize unknown strange
    balance account
    beneficiary recipient payee
    supported accept accepted acceptance take
    settings setting preferences
    location address where
    status approved approval granted request
    swallowed stuck ate kept took
    physical real actual plastic
    wrong incorrect mistake error
    phone mobile cell handset
    job hiring vacancy career
    complaint unhappy dissatisfied angry
    invoice bill billing payment paid
    bug crash crashes error issue problem
    login signin sign account password
    """.strip().splitlines()
)  # fmt: skip


def expanded(stems: frozenset[str]) -> frozenset[str]:
    """Stems that mean the same as one of these, without these."""
    return frozenset().union(*(group for group in SYNONYMS if group & stems)) - stems
