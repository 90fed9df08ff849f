"""One text per value: the JSON that cells, rows and specs are stored in."""

import json
import math
from collections.abc import Iterator


def _faults(value: object, where: str) -> Iterator[str]:
    """Yield what keeps `value` from being JSON, and where it is."""
    if isinstance(value, dict):
        for key, part in value.items():
            if isinstance(key, str):
                yield from _faults(part, f"{where}.{key}" if where else key)
            else:
                yield f"have str keys, got {key!r}{_at(where)}"
    elif isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            yield from _faults(part, f"{where}[{index}]")
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield f"be finite, got {float(value)}{_at(where)}"
    elif value is not None and not isinstance(value, (str, int)):
        kind = type(value)
        got = f"{kind.__module__}.{kind.__qualname__}"
        yield f"hold only JSON values, got a {got}{_at(where)}"


def _at(where: str) -> str:
    return f" at `{where}`" if where else ""


def canonical(name: str, value: object) -> str:
    """Return `value` as JSON text: keys sorted, no spaces, equal for equal values.

    Parameters
    ----------
    name : str
        What the value is called in an error.
    value : object
        Dicts with str keys, lists, tuples, str, int, finite float, bool and None,
        nested at will. A tuple becomes a list.

    Returns
    -------
    str
        One line of ASCII.

    Raises
    ------
    ValueError
        If something inside `value` is not JSON; the message says what and where.

    Examples
    --------
    >>> canonical("row", {"steps": 3, "error": (0.5, 1.0)})
    '{"error":[0.5,1.0],"steps":3}'
    >>> canonical("row", {"error": [0.5, float("nan")]})
    Traceback (most recent call last):
    ...
    ValueError: `row` must be finite, got nan at `error[1]`
    """
    for fault in _faults(value, ""):
        msg = f"`{name}` must {fault}"
        raise ValueError(msg)
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"))


def finite(fields: dict[str, object]) -> dict[str, object]:
    """Return the fields with None for the numbers that JSON does not have.

    >>> finite({"low": 1.0, "high": float("inf")})
    {'low': 1.0, 'high': None}
    """
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }
