# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From bytes to checked arguments: what is taken, what is refused, and that nothing else ever happens."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needledrop.bridge.questions import VERBS, checked, parsed
from needledrop.core.errors import KnownError

JOB = "j-0123456789abcdef"
REFUSALS = {"bad-request", "bad-path", "missing", "unknown-verb"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(sorted({name for known in VERBS.values() for name in known})) | st.text(max_size=8)


def refusal(verb: str, **arguments: object) -> str:
    with pytest.raises(KnownError) as refused:
        checked(verb, arguments)
    assert refused.value.sentence and refused.value.remedy
    return refused.value.code


def test_everything_that_may_be_left_out_has_its_default(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.touch()
    assert checked("suggest", {"media": str(film)}) == {
        "media": film,
        "project": None,
        "in_s": None,
        "out_s": None,
        "frame_rate": None,
        "count": 12,
        "text": "",
        "like": None,
        "project_key": "",
    }
    assert checked("status", {}) == {}
    assert checked("list", {"job": JOB}) == {"job": JOB, "wait_s": 0.0}


def test_a_project_may_have_a_key_and_a_film_may_not(tmp_path: Path) -> None:
    project, film = tmp_path / "cut.otio", tmp_path / "film.mp4"
    project.touch()
    film.touch()
    assert checked("suggest", {"project": str(project), "project_key": "A-9_z.b"})["project_key"] == "A-9_z.b"
    for key in ("", "x" * 65, "a b", "a/b", "é", 7):
        assert refusal("suggest", project=str(project), project_key=key) == "bad-request"
    assert refusal("suggest", media=str(film), project_key="a") == "bad-request"


def test_arguments_come_in_our_types(tmp_path: Path) -> None:
    project = tmp_path / "cut.otio"
    project.touch()
    found = checked(
        "suggest", {"project": str(project), "in_s": 0.1, "out_s": 12, "frame_rate": "30000/1001", "count": 3.0}
    )
    assert found["project"] == project
    assert (found["in_s"], found["out_s"]) == (Fraction(1, 10), 12)
    assert (found["frame_rate"], found["count"]) == (Fraction(30000, 1001), 3)


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("list", {}),
        ("list", {"job": 7}),
        ("list", {"job": "../endpoint"}),
        ("list", {"job": JOB, "wait_s": 21}),
        ("list", {"job": JOB, "wait_s": True}),
        ("list", {"job": JOB, "wait_s": math.inf}),
        ("use", {"job": JOB, "number": 0}),
        ("use", {"job": JOB, "number": 1.5}),
        ("use", {"job": JOB, "number": "1"}),
        ("use", {"job": JOB, "number": 10**400}),
        ("status", {"verbose": True}),
        ("suggest", {}),
        ("suggest", {"media": 7}),
        ("suggest", {"media": ""}),
        ("suggest", {"media": "/" + "a" * 5000}),
    ],
)
def test_wrong_arguments_are_refused(verb: str, arguments: dict[str, object]) -> None:
    assert refusal(verb, **arguments) == "bad-request"


@pytest.mark.parametrize(
    "wrong",
    [
        {"frame_rate": 25},
        {"frame_rate": "25/0"},
        {"frame_rate": "1/2"},
        {"frame_rate": "99999"},
        {"frame_rate": "25 "},
        {"in_s": -1},
        {"out_s": math.nan},
        {"out_s": 90000},
        {"count": 51},
        {"text": "x" * 501},
        {"text": "half \ud83d"},
        {"text": None},
    ],
)
def test_wrong_wishes_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    film = tmp_path / "film.mp4"
    film.touch()
    assert refusal("suggest", media=str(film), **wrong) == "bad-request"


def test_media_or_project_and_not_both(tmp_path: Path) -> None:
    film, project = tmp_path / "film.mp4", tmp_path / "cut.otio"
    film.touch()
    project.touch()
    assert refusal("suggest", media=str(film), project=str(project)) == "bad-request"
    assert refusal("suggest", media=str(project)) == "bad-path"
    assert refusal("suggest", project=str(film)) == "bad-path"


def test_an_unknown_verb_is_named() -> None:
    assert refusal("shutdown") == "unknown-verb"


@pytest.mark.parametrize("content", [b"", b"  \n", b"{}"])
def test_nothing_is_an_empty_object(content: bytes) -> None:
    assert parsed(content) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"7",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b"{'a': 1}",
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a":' * 17 + b"1" + b"}" * 17,
    ],
)
def test_what_is_no_plain_json_object_is_refused(content: bytes) -> None:
    with pytest.raises(KnownError) as refused:
        parsed(content)
    assert refused.value.code == "bad-request"


@settings(deadline=None)
@given(content=st.binary(max_size=300))
def test_no_bytes_do_anything_but_parse_or_be_refused(content: bytes) -> None:
    try:
        assert isinstance(parsed(content), dict)
    except KnownError as error:
        assert error.code == "bad-request"


@settings(deadline=None)
@given(value=json_values)
def test_what_json_writes_is_read_as_it_was(value: object) -> None:
    content = json.dumps({"value": value}).encode()
    try:
        found = parsed(content)
    except KnownError:
        assert b"NaN" in content or b"Infinity" in content
    else:
        assert found == json.loads(content)


@settings(max_examples=300)
@given(
    verb=st.sampled_from(sorted(VERBS)) | st.text(max_size=10),
    arguments=st.dictionaries(names, json_values, max_size=5),
)
def test_no_arguments_do_anything_but_pass_or_be_refused(verb: str, arguments: dict[str, object]) -> None:
    try:
        assert checked(verb, arguments).keys() == VERBS[verb].keys()
    except KnownError as error:
        assert error.code in REFUSALS and error.sentence and error.remedy
        json.dumps({"sentence": error.sentence}).encode("ascii")


@pytest.mark.parametrize("arguments", [None, [], "{}", 7, True])
def test_arguments_are_an_object(arguments: object) -> None:
    with pytest.raises(KnownError) as refused:
        checked("status", arguments)
    assert refused.value.code == "bad-request"
