# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.export.interchange import safe_xml
from needledrop.export.interchange.safe_xml import parse_xml, read_xml

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE fcpxml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><fcpxml version="1.10">&c;</fcpxml>"""
FETCHED = b'<?xml version="1.0"?><!DOCTYPE xmeml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xmeml>&x;</xmeml>'


@pytest.mark.parametrize("content", [LAUGHS, FETCHED])
def test_entities_are_refused_before_they_grow(content: bytes) -> None:
    with pytest.raises(KnownError, match="defines entities") as raised:
        parse_xml(content, "cut.fcpxml")
    assert raised.value.code == "unsafe-project"
    assert raised.value.remedy


def test_a_plain_doctype_is_read() -> None:
    assert parse_xml(b'<!DOCTYPE fcpxml><fcpxml version="1.9"/>', "x").get("version") == "1.9"


def test_a_doctype_elsewhere_is_never_fetched() -> None:
    document = b'<!DOCTYPE mlt SYSTEM "http://127.0.0.1:9/none.dtd"><mlt><profile/></mlt>'
    assert parse_xml(document, "x").tag == "mlt"


def test_depth_is_bounded() -> None:
    with pytest.raises(KnownError, match="nests deeper"):
        parse_xml(b"<a>" * 5000 + b"</a>" * 5000, "deep.mlt")


def test_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_xml, "MOST_BYTES", 100)
    path = tmp_path / "large.mlt"
    path.write_bytes(b"<mlt>" + b" " * 200 + b"</mlt>")
    with pytest.raises(KnownError, match="larger than"):
        read_xml(path)


@pytest.mark.parametrize("content", [b"", b"<mlt>", b"\x00\xff\xfe", b"not xml", b"<a></b>"])
def test_what_is_no_xml_is_said_to_be_damaged(content: bytes) -> None:
    with pytest.raises(KnownError, match=r"'cut\.mlt' is damaged") as raised:
        parse_xml(content, "cut.mlt")
    assert raised.value.code == "broken-project"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="cannot be read") as raised:
        read_xml(tmp_path / "gone.mlt")
    assert raised.value.code == "missing"
