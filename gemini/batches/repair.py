"""The repair round of a batch: an answer against its schema is shown to the model once more, in the next batch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from prefect_gemini.gemini.errors import InvalidOutput
from prefect_gemini.gemini.reply import Reply

if TYPE_CHECKING:
    from prefect_gemini.gemini.calls.exchange import Exchange
    from prefect_gemini.gemini.ledger.paid_call import PaidCall


@dataclass
class Repair:
    """One answer on its way to be repaired.

    Args:
        first: the answer that does not satisfy its schema.
        invalid: what is wrong with it.
        fingerprint: of the request that shows it to the model.
        reply: the repaired answer, when it is there.
    """

    first: Reply[str]
    invalid: InvalidOutput
    fingerprint: str
    reply: Reply[Any] | None = None

    @classmethod
    def of(cls, exchange: Exchange, paid: PaidCall, invalid: InvalidOutput) -> Repair:
        """The repair of an answer that was paid for."""
        first = Reply[str].model_validate(dict(paid.reply))
        shown = json.dumps(["repair", exchange.fingerprint, first.content])
        return cls(first, invalid, hashlib.sha256(shown.encode()).hexdigest())

    def exchange(self, asked: Exchange) -> Exchange:
        """The request that shows the model its answer and what is wrong with it."""
        return replace(asked, turns=asked.repairing(self.first, self.invalid), fingerprint=self.fingerprint)

    def settled(self, asked: Exchange, paid: PaidCall) -> Reply[Any]:
        """The repaired answer, with what both cost.

        Raises:
            InvalidOutput: it does not satisfy the schema either.
        """
        second = Reply[str].model_validate(dict(paid.reply))
        both = asked.both(self.first, second)
        try:
            reply = asked.restored(paid)
        except InvalidOutput as error:
            error.partial, error.attempts, error.model = second.model_copy(update=both), both["attempts"], second.model
            error.response_id, error.finish_reason = second.response_id, second.finish_reason
            raise
        except ValidationError as error:
            raise InvalidOutput(f"The answer cannot be read: {error}.") from None
        return reply.model_copy(update=both | {"from_ledger": False})
