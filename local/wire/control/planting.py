"""Resources put in by a tester, as if a client had made them earlier."""

from __future__ import annotations

from typing import Any

from prefect_gemini.local.wire.protocol.proto import decode_bytes
from prefect_gemini.local.wire.resources import endpoints, registry
from prefect_gemini.local.wire.resources.store import Record
from prefect_gemini.local.wire.wire import Wire


def plant(wire: Wire, row: dict[str, Any]) -> None:
    """Put in one resource; one of that name is replaced, or left where others hang on it.

    Args:
        row: `name`; beside it `shown` (as the API shows it), `hidden`, and `content` (base64) of a file, of a
            `gs://` object, or of an address on the network. A tuned model or endpoint takes `base`.
    """
    name, shown = row["name"], row.get("shown", {})
    blob = decode_bytes(row.get("content", ""))
    if name.startswith("gs://"):
        wire.storage.write(name, blob, content_type=shown.get("contentType", "application/octet-stream"))
        return
    kind = "urls" if "://" in name else name.split("/")[-2]
    parent, _, short = name.rpartition("/")
    place = parent.rpartition("/")[0]
    match kind:
        case "models":
            if not wire.store.all(registry.KIND, at=wire.clock.seconds(), under=f"{name}@"):
                display = shown.get("displayName", short)
                registry.add_model(wire, place, base=row["base"], display_name=display, model_id=short)
        case "endpoints":
            if wire.store.find(kind, name, at=wire.clock.seconds()) is None:
                tuned = endpoints.add_tuned(wire, place, base=row["base"], display_name=short)
                record = wire.store.find(kind, tuned["endpoint"], at=wire.clock.seconds())
                if record is not None:
                    wire.store.put(Record(kind, name, record.shown | {"name": name}, record.hidden))
        case _:
            wire.store.put(Record(kind, name, {"name": name, **shown}, row.get("hidden", {}), blob))
