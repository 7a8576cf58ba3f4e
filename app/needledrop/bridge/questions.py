# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From bytes to checked arguments: strict JSON, one table of what each verb takes. Opens no file but looks at paths."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from needledrop.bridge import refusals
from needledrop.bridge.media_paths import folder_path, media_path, project_path

JOB_ID = re.compile(r"j-[0-9a-f]{16}")
QUESTION_ID = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_RATE = re.compile(r"[0-9]{1,7}(/[0-9]{1,7})?")
_PROJECT_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
_FINEST = 1_000_000
_LONGEST_S = 24 * 3600.0
_FASTEST_RATE = 1000
_LONGEST_TEXT = 500

Check = Callable[[str, object], Any]


@dataclass(frozen=True)
class Argument:
    """One argument of a verb: what turns the JSON value into ours, and what it is where it is left out."""

    check: Check
    is_needed: bool = False
    default: Any = None


def parsed(content: bytes) -> dict[str, Any]:
    """A JSON object; nothing at all is an empty one.

    Raises:
        KnownError: "bad-request": it is no JSON object, names a key twice, holds NaN or Infinity, or is too deep.
    """
    if not content.strip():
        return {}
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise refusals.bad_request("The request is not JSON as RFC 8259 has it, in UTF-8.") from error
    if not isinstance(value, dict):
        raise refusals.bad_request("The request is not a JSON object.")
    _refuse_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_number(name: str) -> float:
    raise ValueError(name)


def _refuse_depth(value: object) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > refusals.MOST_DEPTH:
            raise refusals.bad_request(f"The request is nested deeper than {refusals.MOST_DEPTH}.")
        inner: list[object] = []
        for one in level:
            inner += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        level = [one for one in inner if isinstance(one, dict | list)]


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not _is_unicode(value):
        raise refusals.bad_request(f"'{name}' is no text of at most {_LONGEST_TEXT} characters.")
    return value


def _is_unicode(text: str) -> bool:
    """JSON can say half a surrogate pair, which is no character."""
    return not any("\ud800" <= char <= "\udfff" for char in text) and "\0" not in text


def _number(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise refusals.bad_request(f"'{name}' is no number from {low:g} to {high:g}.")
    assert math.isfinite(value)
    return float(value)


def _time(name: str, value: object) -> Fraction:
    return Fraction(_number(name, value, 0.0, _LONGEST_S)).limit_denominator(_FINEST)


def _wait(name: str, value: object) -> float:
    return _number(name, value, 0.0, refusals.LONGEST_WAIT_S)


def _whole(low: int, high: int) -> Check:
    def check(name: str, value: object) -> int:
        number = _number(name, value, low, high)
        if number != int(number):
            raise refusals.bad_request(f"'{name}' is no whole number.")
        return int(number)

    return check


def _rate(name: str, value: object) -> Fraction:
    if isinstance(value, str) and _RATE.fullmatch(value) and not re.search(r"/0+$", value):
        rate = Fraction(value)
        if 1 <= rate <= _FASTEST_RATE:
            return rate
    raise refusals.bad_request(f'\'{name}\' is no frame rate such as "30000/1001" or "25".')


def _job(name: str, value: object) -> str:
    if not isinstance(value, str) or not JOB_ID.fullmatch(value):
        raise refusals.bad_request(f"'{name}' is no id of a job.")
    return value


def _project_key(name: str, value: object) -> str:
    if not isinstance(value, str) or not _PROJECT_KEY.fullmatch(value):
        raise refusals.bad_request(f"'{name}' is no key of 1 to 64 letters, digits, '.', '_' and '-'.")
    return value


_ONE = {"job": Argument(_job, is_needed=True)}
_ENTRY = {**_ONE, "number": Argument(_whole(1, 1000), is_needed=True)}
VERBS: Mapping[str, Mapping[str, Argument]] = {
    "status": {},
    "suggest": {
        "media": Argument(media_path),
        "project": Argument(project_path),
        "in_s": Argument(_time),
        "out_s": Argument(_time),
        "frame_rate": Argument(_rate),
        "count": Argument(_whole(1, 50), default=12),
        "text": Argument(_text, default=""),
        "like": Argument(media_path),
        "project_key": Argument(_project_key, default=""),
    },
    "list": {**_ONE, "wait_s": Argument(_wait, default=0.0)},
    "audition": _ENTRY,
    "use": {**_ENTRY, "folder": Argument(folder_path)},
    "cancel": _ONE,
}


def checked(verb: str, arguments: object) -> dict[str, Any]:
    """The arguments of a verb, every one of them, in our types. Looks at the files that paths name.

    Raises:
        KnownError: "unknown-verb", "bad-request", "bad-path".
    """
    known = VERBS.get(verb)
    if known is None:
        raise refusals.unknown_verb(verb)
    if not isinstance(arguments, dict):
        raise refusals.bad_request("The arguments are not a JSON object.")
    for name in arguments:
        if name not in known:
            raise refusals.bad_request(f"'{verb}' takes no argument {json.dumps(name[:40])}.")
    found = {}
    for name, argument in known.items():
        if name in arguments:
            found[name] = argument.check(name, arguments[name])
        elif argument.is_needed:
            raise refusals.bad_request(f"'{verb}' needs the argument '{name}'.")
        else:
            found[name] = argument.default
    if verb == "suggest" and (found["media"] is None) == (found["project"] is None):
        raise refusals.bad_request("'suggest' needs one of 'media' and 'project'.")
    if verb == "suggest" and found["project_key"] and found["project"] is None:
        raise refusals.bad_request("'project_key' says which 'project' it is; a media file needs none.")
    return found
