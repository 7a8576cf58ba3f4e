# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What we write as FCPXML is valid by Apple's document type definitions, which are not ours to ship.

Needs `xmllint` (Debian: libxml2-utils) and a folder with FCPXMLv1_9.dtd to FCPXMLv1_14.dtd, or some of them. Run:
NEEDLEDROP_DTDS=FOLDER pytest -m editors tests/unit/export/interchange/test_fcpxml_dtd.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from edit_factory import RATES, made_edit
from needledrop.export.interchange.write import EditFormat, write_edit

pytestmark = pytest.mark.editors

WRITTEN = "1.10"
VERSIONS = ["1.9", WRITTEN, "1.11", "1.12", "1.13", "1.14"]


def definition_of(version: str) -> Path:
    """Apple's definition of a version, or a skip that says what is missing."""
    folder = os.environ.get("NEEDLEDROP_DTDS")
    if not folder:
        pytest.skip("NEEDLEDROP_DTDS names no folder with Apple's DTDs")
    path = Path(folder) / f"FCPXMLv{version.replace('.', '_')}.dtd"
    if not path.exists():
        pytest.skip(f"there is no {path.name}")
    return path


def complaints(document: Path, definition: Path) -> str:
    """What xmllint has against a document; "" for nothing."""
    xmllint = shutil.which("xmllint")
    assert xmllint is not None, "xmllint is not installed (Debian: apt-get install libxml2-utils)"
    command = [xmllint, "--nonet", "--noout", "--dtdvalid", str(definition), str(document)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stderr


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_written_is_valid(tmp_path: Path, rate: Fraction, version: str) -> None:
    definition, document = definition_of(version), tmp_path / "edit.fcpxml"
    write_edit(made_edit(tmp_path, rate), EditFormat.FCPXML, document)
    text = document.read_text(encoding="utf-8")
    assert f'version="{WRITTEN}"' in text
    document.write_text(text.replace(f'<fcpxml version="{WRITTEN}"', f'<fcpxml version="{version}"'), encoding="utf-8")
    assert complaints(document, definition) == ""
    document.write_text(document.read_text(encoding="utf-8").replace("<marker ", "<mark "), encoding="utf-8")
    assert "mark" in complaints(document, definition)  # The check can fail.
