# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Licences out of what people write into tags: Creative Commons addresses, SPDX ids, and the usual wordings.

Where the words say nothing certain the name stays empty: a guess here could cost somebody a lawsuit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from needledrop.core.music import Licence

_CC_ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?creativecommons\.org/(?:licenses/(by(?:-(?:nc|nd|sa))*)|publicdomain/(zero|mark))"
    r"(?:/(\d\.\d))?(?:/[a-z]{2,3})?(?:/(?:deed|legalcode)(?:\.\w+)?)?/?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)
_CC_SHORT = re.compile(
    r"\bCC[\s_-]*BY((?:[\s_-]*(?:NC|ND|SA)\b)*)(?:[\s_-]*(?:version\s*|v)?(\d(?:\.\d)?)\b)?", re.IGNORECASE
)
_CC_LONG = re.compile(
    r"\bAttribution((?:[\s,_-]*(?:Non[\s-]?Commercial|No[\s-]?Deriv(?:ative)?s?(?:[\s-]Works)?|Share[\s-]?Alike))*)"
    r"(?:[\s,_-]*(?:licen[sc]e\s*)?\(?(?:version\s*|v)?(\d\.\d)\b)?",
    re.IGNORECASE,
)
_GNU = re.compile(
    r"\b(?:GNU\s+)?(A|L)?GPL\b[\s_,-]*(?:version\s*|v)?\.?\s*(\d(?:\.\d)?)?(\s*\+|[\s,_-]*\(?or[\s-]+(?:any[\s-]+)?later)?"
    r"|\bGNU (?:(Affero|Lesser|Library) )?General Public Licen[sc]e"
    r"(?:[\s,]*(?:version\s*|v)?(\d(?:\.\d)?))?(\s*\+|[\s,]*\(?or[\s-]+(?:\(at your option\) )?(?:any[\s-]+)?later)?",
    re.IGNORECASE,
)
_GNU_TIGHT = re.compile(r"\b(A|L)?GPL-?v?(\d(?:\.\d)?)", re.IGNORECASE)
_WORDINGS = (
    (r"\bCC[\s_-]*0\b|\bCC[\s_-]*Zero\b|\bCreative Commons Zero\b", "CC0-1.0"),
    (r"\bpublic[\s_-]*domain\b|\bCC-PDM\b", "CC-PDM-1.0"),
    (r"\bOGA[\s_-]*BY[\s_-]*3(?:\.0)?\b", "OGA-BY-3.0"),
    (r"\bOGA[\s_-]*BY[\s_-]*4(?:\.0)?\b", "OGA-BY-4.0"),
    (r"\bFree Art Licen[sc]e\b|\bLicence Art Libre\b|\bLAL-1\.3\b", "LAL-1.3"),
    (r"\bApache(?:[\s_-]*Licen[sc]e)?[\s,_-]*(?:version\s*|v)?2(?:\.0)?\b", "Apache-2.0"),
    (r"\bMIT(?:[\s-]Licen[sc]e)?\b", "MIT"),
    (r"\bWTFPL\b", "WTFPL"),
)
_PARTS = (("NC", r"NC|Non"), ("ND", r"ND|Deriv"), ("SA", r"SA|Share"))


def parse_licence_name(text: str) -> str:
    """An SPDX-like id for what a person or a tag wrote ("CC BY-SA 4.0", "GPLv2+"), or "" where it names none.

    A licence without its version stays without ("CC-BY-NC").
    """
    if match := _CC_ADDRESS.search(text):
        return _name_of_address(match)
    for pattern in (_CC_SHORT, _CC_LONG):
        if (match := pattern.search(text)) and (pattern is _CC_SHORT or _is_creative_commons(text, match)):
            return _cc_name(match[1], match[2] or "")
    for wording, name in _WORDINGS[:2]:
        if re.search(wording, text, re.IGNORECASE):
            return name
    if name := _gnu_name(text):
        return name
    for wording, name in _WORDINGS[2:]:
        flags = 0 if name == "MIT" else re.IGNORECASE  # "mit" is a German word.
        if re.search(wording, text, flags):
            return name
    return ""


def licence_url(name: str) -> str:
    """The address of a Creative Commons licence; "" for others and for one without version."""
    if name == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    if name == "CC-PDM-1.0":
        return "https://creativecommons.org/publicdomain/mark/1.0/"
    if match := re.fullmatch(r"CC-(BY[A-Z-]*)-(\d\.\d)", name):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    return ""


def licence_from_tags(
    statements: Iterable[str], *, comment: str = "", title: str = "", author: str = "", sources: Iterable[str] = ()
) -> Licence:
    """The licence a file states.

    Args:
        statements: Texts that speak of rights, the surest first: LICENSE, WCOP, COPYRIGHT.
        comment: A free comment; only a Creative Commons address or id in it counts.
        title: The work's title, for attribution.
        author: Whom to credit.
        sources: Addresses of the work or its author, the surest first.
    """
    stated = [text for text in statements if text]
    candidates = [*stated, comment] if _mentions_licence(comment) else stated
    # An address names version and terms: it wins over words elsewhere.
    ranked = sorted(candidates, key=lambda text: _CC_ADDRESS.search(text) is None)
    name = next((found for text in ranked if (found := parse_licence_name(text))), "")
    url = licence_url(name)
    if not url:
        url = next((match[0] for text in stated if (match := _ADDRESS.search(text))), "")
    source = next((text for text in sources if text), "") or _source_in(comment)
    return Licence(name=name, url=url, title=title, author=author, source=source)


def _mentions_licence(comment: str) -> bool:
    return any(pattern.search(comment) for pattern in (_CC_ADDRESS, _CC_SHORT)) or bool(
        re.search(_WORDINGS[0][0], comment, re.IGNORECASE) or re.search(r"creative commons", comment, re.IGNORECASE)
    )


def _source_in(comment: str) -> str:
    for match in _ADDRESS.finditer(comment):
        if not _CC_ADDRESS.match(match[0]):
            return match[0].rstrip(".,;")
    return ""


def _name_of_address(match: re.Match[str]) -> str:
    terms, public, version = match[1], match[2], match[3] or ""
    if public:
        return "CC0-1.0" if public.lower() == "zero" else "CC-PDM-1.0"
    return _cc_name(terms, version)


def _cc_name(terms: str, version: str) -> str:
    """Terms in the order of SPDX: BY, NC, then ND or SA."""
    parts = [part for part, pattern in _PARTS if re.search(pattern, terms.removeprefix("by"), re.IGNORECASE)]
    if version and "." not in version:
        version += ".0"
    return "-".join(["CC", "BY", *parts, *([version] if version else [])])


def _is_creative_commons(text: str, match: re.Match[str]) -> bool:
    """ "Attribution" alone is an everyday word."""
    return bool(match[1].strip()) or "creative commons" in text.lower()


def _gnu_name(text: str) -> str:
    match = _GNU.search(text) or _GNU_TIGHT.search(text)
    if match is None:
        return ""
    groups = [*match.groups(), *[None] * 6][:6]
    letter = (groups[0] or (groups[3] or "")[:1]).upper()
    version = groups[1] or groups[4] or ""
    rest = text[match.end() :]
    is_later = bool(groups[2] or groups[5] or re.match(r"\s*\+|[\s,_-]*\(?or[\s-]+(?:any[\s-]+)?later", rest, re.I))
    if not version:
        return f"{letter}GPL"
    version = version if "." in version else f"{version}.0"
    return f"{letter}GPL-{version}-{'or-later' if is_later else 'only'}"
