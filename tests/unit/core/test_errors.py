# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known errors read well and survive a pipe and a copy."""

from __future__ import annotations

import copy
import pickle

import pytest

from needledrop.core.errors import BrokenMedia, KnownError


@pytest.mark.parametrize("kind", [KnownError, BrokenMedia])
def test_a_known_error_survives_pickling_and_copying(kind: type[KnownError]) -> None:
    error = kind("It broke.", remedy="Mend it.", cause="errno 5", code="odd")
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(twin) is kind
        assert (twin.sentence, twin.remedy, twin.cause, twin.code) == ("It broke.", "Mend it.", "errno 5", "odd")


def test_it_reads_as_a_sentence_and_its_remedy() -> None:
    assert str(KnownError("It broke.", remedy="Mend it.")) == "It broke. Mend it."
    assert str(KnownError("It broke.")) == "It broke."
