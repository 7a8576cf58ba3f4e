# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frozen program has no torch: what needs it says that it is not in this build."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from needledrop.cli.main import run
from needledrop.workflows import lab


@pytest.mark.parametrize(("is_frozen", "said"), [(True, "not in this build"), (False, "with its extra")])
def test_what_needs_torch_says_where_it_is(
    is_frozen: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", is_frozen, raising=False)
    monkeypatch.setattr(lab, "_has", lambda module: False)
    assert run(["--profile", str(tmp_path), "evaluate", "tivm", "--pairs", str(tmp_path)]) == 3
    assert said in capsys.readouterr().err
