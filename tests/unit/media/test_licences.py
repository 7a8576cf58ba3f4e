# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from needledrop.media.licences import licence_from_tags, licence_url, parse_licence_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("http://creativecommons.org/licenses/by-nc-nd/3.0/", "CC-BY-NC-ND-3.0"),
        ("https://www.creativecommons.org/licenses/by-sa/4.0/deed.de", "CC-BY-SA-4.0"),
        ("http://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"),
        ("http://creativecommons.org/licenses/by/2.5/ca/", "CC-BY-2.5"),
        ("2012 Foo. Licensed under http://creativecommons.org/licenses/by/3.0/ see http://foo.com", "CC-BY-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("CC BY-SA 4.0", "CC-BY-SA-4.0"), ("cc-by-4.0", "CC-BY-4.0"), ("CC_BY_NC", "CC-BY-NC"),
        ("CC BY 3", "CC-BY-3.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivs 2.5", "CC-BY-NC-ND-2.5"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("Attribution-ShareAlike 3.0 Unported", "CC-BY-SA-3.0"), ("CC0", "CC0-1.0"), ("Public Domain", "CC-PDM-1.0"),
        ("GPL-2.0-or-later", "GPL-2.0-or-later"), ("GPLv3+", "GPL-3.0-or-later"), ("GPLv2", "GPL-2.0-only"),
        ("GPL v2 or later", "GPL-2.0-or-later"), ("LGPL-2.1+", "LGPL-2.1-or-later"), ("AGPLv3", "AGPL-3.0-only"),
        ("GNU General Public License, version 2 or any later version", "GPL-2.0-or-later"), ("GPL", "GPL"),
        ("MIT", "MIT"), ("Free Art License", "LAL-1.3"), ("OGA-BY 3.0", "OGA-BY-3.0"),
        ("mit Liebe gemacht", ""), ("(c) 2019 Some Label. All rights reserved.", ""), ("", ""),
        ("Royalty free; attribution required", ""), ("Public performance prohibited", ""),
    ],
)  # fmt: skip
def test_wordings(text: str, name: str) -> None:
    assert parse_licence_name(text) == name


def test_every_name_is_read_back_as_itself() -> None:
    for name in ("CC-BY-4.0", "CC-BY-NC-SA-3.0", "CC0-1.0", "CC-PDM-1.0", "GPL-3.0-only", "LGPL-2.1-or-later"):
        assert parse_licence_name(name) == name
        assert parse_licence_name(licence_url(name)) in {name, ""}


def test_an_address_wins_over_words() -> None:
    licence = licence_from_tags(
        ["2020 Ada, CC BY", "http://creativecommons.org/licenses/by-nc/4.0/"], title="Dawn", author="Ada"
    )
    assert licence.name == "CC-BY-NC-4.0"
    assert licence.url == "https://creativecommons.org/licenses/by-nc/4.0/"
    assert licence.forbids_commercial_use
    assert not licence.forbids_derivatives
    assert (licence.title, licence.author) == ("Dawn", "Ada")


def test_only_a_clear_comment_counts() -> None:
    assert licence_from_tags([], comment="Made with MIT people at GPL camp").name == ""
    licence = licence_from_tags(
        [], comment="From https://example.org/dawn. http://creativecommons.org/licenses/by-nd/3.0/"
    )
    assert licence.name == "CC-BY-ND-3.0"
    assert licence.forbids_derivatives
    assert licence.source == "https://example.org/dawn"


def test_unknown_terms_keep_their_address() -> None:
    licence = licence_from_tags(["See https://example.org/terms"], sources=["", "https://example.org/ada"])
    assert (licence.name, licence.url, licence.source) == ("", "https://example.org/terms", "https://example.org/ada")
