# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A suggestion as a card: where everything on it lies, computed once for painting and for the pointer alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QFontMetricsF

from needledrop.gui import suggestion_words, theme
from needledrop.gui.models.suggestion_list import Card
from needledrop.gui.sentences import reason_in_words
from needledrop.gui.suggestion_words import Part, Run
from needledrop.gui.widgets.flow_text import PlacedRun, flow

MARGIN, INSET, NUMBER_WIDTH, RIGHT_WIDTH = 12.0, 12.0, 24.0, 76.0
CLOSED_HEIGHT, PART_HEIGHT = 88.0, 20.0
BUTTON, STAR = 24.0, 16.0
STARS = 5


@dataclass(frozen=True)
class Spot:
    """Something on a card that can be clicked. what: an action of the panel; value belongs to it; icon may be ""."""

    what: str
    rect: QRectF
    text: str
    value: float = 0.0
    icon: str = ""


@dataclass(frozen=True)
class CardLayout:
    """Places on a card, from the top left corner of its row, in logical pixels."""

    frame: QRectF
    number: QRectF
    title: QRectF
    facts: QRectF
    badge: QRectF
    bar: QRectF
    wave: QRectF
    height: float
    reason: list[PlacedRun] = field(default_factory=list)
    reasons: list[PlacedRun] = field(default_factory=list)
    parts: list[tuple[Part, QRectF]] = field(default_factory=list)
    used_in: QRectF | None = None
    spots: list[Spot] = field(default_factory=list)

    def spot_at(self, x: float, y: float) -> Spot | None:
        """What can be clicked at a place."""
        return next((spot for spot in self.spots if spot.rect.contains(x, y)), None)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Suggestions", text)


def closed(card: Card, width: float) -> CardLayout:
    """A card that is not current: title, facts, licence, match, waveform."""
    left, right = MARGIN + INSET + NUMBER_WIDTH, width - MARGIN - INSET
    text_width = right - RIGHT_WIDTH - 16 - left
    return CardLayout(
        frame=QRectF(MARGIN, 2, width - 2 * MARGIN, CLOSED_HEIGHT - 4),
        number=QRectF(MARGIN + 8, 8, NUMBER_WIDTH, 20),
        title=QRectF(left, 8, text_width, 20),
        facts=QRectF(left, 28, text_width, 18),
        badge=QRectF(right - RIGHT_WIDTH, 10, RIGHT_WIDTH, 20),
        bar=QRectF(right - RIGHT_WIDTH, 37, RIGHT_WIDTH, 3),
        wave=QRectF(left, 52, right - left, 20),
        height=CLOSED_HEIGHT,
        spots=[_audition(card), _match(right, is_open=False)],
    )


def current(card: Card, width: float, *, is_open: bool) -> CardLayout:
    """The current card: the reason too, what can be done and, opened, every reason and part."""
    base = closed(card, width)
    left, inner = base.title.left(), base.wave.width()
    font = theme.current().font(12)
    # Opened, every reason stands below in full: the line that sums them up would say the same twice.
    said = () if is_open else suggestion_words.summary(card.suggestion)
    reason, bottom = flow(said, font, left, 78.0, inner) if said else ([], 72.0)
    parts: list[tuple[Part, QRectF]] = []
    reasons: list[PlacedRun] = []
    used_in = None
    if is_open:
        bottom += 8
        for part in suggestion_words.match_parts(card.suggestion):
            parts.append((part, QRectF(left, bottom, inner, PART_HEIGHT)))
            bottom += PART_HEIGHT
        for runs in _all_reasons(card):
            more, bottom = flow(runs, font, left, bottom + 6, inner)
            reasons += more
        if card.used_in:
            used_in = QRectF(left, bottom + 6, inner, 18)
            bottom = used_in.bottom()
    buttons = list(_buttons(card, left, base.wave.right(), bottom + 8))
    bottom += 8 + BUTTON + 10
    times = [
        Spot("seek", run.rect.adjusted(-2, -2, 2, 2), _tr("Go to %s").replace("%s", run.text), run.at_s)
        for run in (*reason, *reasons)
        if run.at_s is not None
    ]
    return CardLayout(
        frame=QRectF(MARGIN, 2, width - 2 * MARGIN, bottom - 2),
        number=base.number,
        title=base.title,
        facts=base.facts,
        badge=base.badge,
        bar=base.bar,
        wave=base.wave,
        height=bottom + 4,
        reason=reason,
        reasons=reasons,
        parts=parts,
        used_in=used_in,
        spots=[_audition(card), _match(base.wave.right(), is_open=is_open), *buttons, *times],
    )


def _all_reasons(card: Card) -> Iterator[tuple[Run, ...]]:
    for reason in card.suggestion.reasons:
        yield suggestion_words.sentence(reason)
    for warning in card.suggestion.warnings:
        yield (Run(_tr("Beware: %s.").replace("%s", reason_in_words(warning))),)


def _audition(card: Card) -> Spot:
    text = _tr("Hear it under the picture (%s)").replace("%s", str(card.number))
    return Spot("audition", QRectF(MARGIN + 4, 4, NUMBER_WIDTH + 4, 28), text)


def _match(right: float, *, is_open: bool) -> Spot:
    text = _tr("Hide what the match is made of") if is_open else _tr("Show what the match is made of")
    return Spot("details", QRectF(right - RIGHT_WIDTH, 30, RIGHT_WIDTH, 18), text)


def _buttons(card: Card, left: float, right: float, top: float) -> Iterator[Spot]:
    """What can be done, from the left; favourite and stars from the right."""
    font = theme.current().font(12, is_bold=True)
    use = _tr("Use")
    width = QFontMetricsF(font).horizontalAdvance(use) + 40
    play = _tr("Stop hearing it") if card.is_heard else _tr("Hear it under the picture")
    x = left
    yield Spot("use", QRectF(x, top, width, BUTTON), _tr("Lay it under the picture (Enter)"))
    x += width + 8
    rows = (
        ("audition", play, "stop" if card.is_heard else "play"),
        ("like", _tr("More like this"), "similar"),
        ("reject", _tr("Reject"), "reject"),
        ("artist", _tr("Not this artist"), "person"),
    )
    for what, text, icon in rows:
        if what != "artist" or card.track.tags.artist:
            yield Spot(what, QRectF(x, top, BUTTON, BUTTON), text, 0.0, icon)
            x += BUTTON + 4
    if len(card.versions) > 1:
        text = _tr("%s versions").replace("%s", str(len(card.versions)))
        width = QFontMetricsF(theme.current().font(12)).horizontalAdvance(text) + 28
        yield Spot("versions", QRectF(x, top, width, BUTTON), text)
    x = right - BUTTON
    heart = "heart_filled" if card.track.is_favourite else "heart"
    text = _tr("No favourite any more") if card.track.is_favourite else _tr("Favourite")
    yield Spot("favourite", QRectF(x, top, BUTTON, BUTTON), text, 0.0, heart)
    x -= STARS * STAR + 4
    for star in range(1, STARS + 1):
        icon = "star_filled" if star <= (card.track.rating or 0) else "star"
        text = _tr("1 star") if star == 1 else _tr("%s stars").replace("%s", str(star))
        yield Spot("rate", QRectF(x + (star - 1) * STAR, top, STAR, BUTTON), text, float(star), icon)
