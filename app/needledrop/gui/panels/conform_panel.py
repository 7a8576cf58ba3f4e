# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of the cues when the film was cut anew: each with its old and new time, and why. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from needledrop.core.cue import Cue
from needledrop.core.paths import display_path
from needledrop.gui import icons
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.centred import centred
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label
from needledrop.gui.widgets.state_page import StatePage
from needledrop.gui.widgets.timeline.cue_story import precise_time
from needledrop.suggest.carry import Fate

if TYPE_CHECKING:
    from needledrop.gui.player import Player
    from needledrop.workflows.conform import CarriedCue, Conformed

WIDTH = 760
ROW_HEIGHT = 64
_SIGN_PX = 16


def _tr(text: str) -> str:
    return QCoreApplication.translate("Conform", text)


class ConformPanel(QWidget):
    """The page."""

    def __init__(self, document: Document, player: Player, background: Background, actions: Actions) -> None:
        super().__init__()
        self._document = document
        self._player = player
        self._actions = actions
        self._step = 0  # Where the undo stack stood when the cues had been carried along.
        self.rows: list[CueRow] = []
        self._facts = label(role="secondary")
        self._said = label(role="secondary")
        self.back = Button(_tr("Back to how it was"))
        self.done = Button(_tr("Done"), "primary")
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._page())
        nothing = StatePage()
        nothing.show_state(
            "film",
            _tr("The cut has not changed"),
            _tr("When the film is cut anew, the cues follow their shots, and what changed is listed here."),
            _tr("Replace video…"),
            lambda: actions.trigger("file.replace"),
            is_primary=False,
        )
        self._pages.addWidget(nothing)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)
        self.setFocusProxy(self.done)
        self.back.clicked.connect(self._go_back)
        self.done.clicked.connect(lambda: actions.trigger("view.suggest"))
        document.review_changed.connect(self._show_review)
        document.closed.connect(self._show_review)
        document.undo_stack.indexChanged.connect(self._show_step)
        self._show_review()

    def _page(self) -> QWidget:
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 24, 24, 8)
        column.setSpacing(16)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(label(_tr("Changes of the cut"), "heading"))
        head.addWidget(self._facts)
        head.addStretch(1)
        column.addLayout(head)
        column.addLayout(self._list)
        column.addStretch(1)
        foot = QWidget()
        foot.setMaximumWidth(WIDTH)
        line = QHBoxLayout(foot)
        line.setContentsMargins(24, 16, 24, 16)
        line.setSpacing(8)
        line.addWidget(self._said, 1)
        line.addWidget(self.back)
        line.addWidget(self.done)
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(centred(inner), 1)
        rows.addWidget(hairline())
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(foot, 100)
        below.addStretch(1)
        rows.addLayout(below)
        return page

    def _show_review(self) -> None:
        review = self._document.review
        self._pages.setCurrentIndex(0 if review is not None else 1)
        while (item := self._list.takeAt(0)) is not None:
            shown = item.widget()
            if shown is not None:
                shown.deleteLater()
        self.rows = []
        if review is None:
            return
        self._step = self._document.undo_stack.index()
        self._facts.setText(f"{display_path(review.opened.path.name)} · {shot_facts(review)}")
        # What somebody should look at comes first, each part in the order of the film.
        order = sorted(range(len(review.cues)), key=lambda at: (not review.cues[at].change.fate.is_doubtful, at))
        for at in order:
            row = CueRow(review.cues[at])
            row.clicked.connect(lambda _=False, at=at: self._go_to(at))
            if self.rows:
                self._list.addWidget(hairline())
            self._list.addWidget(row)
            self.rows.append(row)
        # One column, as wide as the longest needs: the times end where the lines between the rows do.
        width = max((row.times.sizeHint().width() for row in self.rows), default=0)
        for row in self.rows:
            row.times.setFixedWidth(width)
        self._show_step()

    def _show_step(self) -> None:
        review = self._document.review
        if review is None:
            return
        is_in_force = self._document.undo_stack.index() >= self._step
        self.back.setEnabled(is_in_force)
        for row in self.rows:
            row.setEnabled(is_in_force)
        self._said.setText(summary(review) if is_in_force else _tr("Taken back: the cues lie where they were."))

    def _go_back(self) -> None:
        """Undo up to and with this step; later ones stand on it."""
        self._document.undo_stack.setIndex(self._step - 1)

    def _go_to(self, at: int) -> None:
        cues = self._document.cues
        if at < len(cues):
            self._document.select(at)
            self._player.seek(cues[at].record_in_s)
            self._actions.trigger("view.suggest")


class CueRow(Button):
    """One cue: what it plays, from where to where it went, and why. Pressed, it shows the cue."""

    def __init__(self, carried: CarriedCue) -> None:
        super().__init__("", "quiet")
        change = carried.change
        sign = QLabel()
        is_doubtful, ratio = change.fate.is_doubtful, self.devicePixelRatioF()
        sign.setPixmap(
            icons.pixmap("warning", "cuts", _SIGN_PX, ratio)
            if is_doubtful
            else icons.pixmap("check", "secondary", _SIGN_PX, ratio)
        )
        sign.setFixedSize(QSize(_SIGN_PX, _SIGN_PX))
        title, self.times, self.why = ElidedLabel("text"), ElidedLabel("text"), ElidedLabel("secondary", size=12)
        title.set_text(carried.title or _tr("A track that is no longer in the library"))
        self.times.set_text(times_text(change.before, change.after))
        self.why.set_text(reason(carried))
        self.setAccessibleName(f"{title.text()}: {self.times.text()}. {self.why.text()}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.addWidget(sign, 0, 0)
        grid.addWidget(title, 0, 1)
        grid.addWidget(self.times, 0, 2)
        grid.addWidget(self.why, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        for one in (sign, title, self.times, self.why):
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """As high as its two lines: the style knows buttons of one."""
        return QSize(super().sizeHint().width(), ROW_HEIGHT)


def shot_facts(review: Conformed) -> str:
    """How much of the new cut was in the old one: "12 of 14 shots found again"."""
    text = _tr("{found} of {shots} shots found again").format(found=review.found, shots=review.shots)
    return text if review.found < review.shots else _tr("all {shots} shots found again").format(shots=review.shots)


def summary(review: Conformed) -> str:
    """What is left to do, in one line."""
    if review.doubtful:
        one = _tr("1 cue wants to be looked at.")
        return one if review.doubtful == 1 else _tr("{n} cues want to be looked at.").format(n=review.doubtful)
    return _tr("Every cue lies under its shots.")


def times_text(before: Cue, after: Cue) -> str:
    """From where to where, then and now: "0:12.4 – 0:40.0 → 0:14.1 – 0:41.7"; once where nothing changed."""
    then, now = (f"{precise_time(cue.record_in_s)} – {precise_time(cue.record_out_s)}" for cue in (before, after))
    return now if then == now else f"{then}  →  {now}"


def reason(carried: CarriedCue) -> str:
    """Why the cue is where it is now, and how it meets the cuts there."""
    parts = [_fate_text(carried)]
    before, after = carried.sync_before, carried.sync_after
    if after is not None and after.cuts:
        text = _tr("{hits} of {cuts} cuts on beats").format(hits=after.cut_hits, cuts=after.cuts)
        if before is not None and (before.cut_hits, before.cuts) != (after.cut_hits, after.cuts):
            text += _tr(", before {hits} of {cuts}").format(hits=before.cut_hits, cuts=before.cuts)
        parts.append(text)
    return " · ".join(parts)


def _fate_text(carried: CarriedCue) -> str:
    change = carried.change
    by_s = change.after.record_in_s - change.before.record_in_s
    longer_s = change.after.duration_s - change.before.duration_s
    texts = {
        Fate.SAME: _tr("Where it was"),
        Fate.MOVED: _moved_text(by_s),
        Fate.SHORTENED: _tr("{s} s shorter: as much of its picture is gone").format(s=f"{-longer_s:.1f}"),
        Fate.LENGTHENED: _tr("{s} s longer: as much picture came under it").format(s=f"{longer_s:.1f}"),
        Fate.SHORT_OF_MUSIC: _tr("The track ends before its picture does"),
        Fate.TORN: _tr("Its shots lie apart or in another order now; it stayed with the most of them"),
        Fate.GONE: _tr("None of its shots is left"),
    }
    return texts[change.fate]


def _moved_text(by_s: float) -> str:
    text = _tr("{s} s later") if by_s > 0 else _tr("{s} s earlier")
    return text.format(s=f"{abs(by_s):.1f}")
