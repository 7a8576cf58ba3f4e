# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The left side of the place "Personal": what counts and how much of it, what was noticed, and learning."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QScrollArea, QSlider, QVBoxLayout, QWidget

from needledrop.gui import preferences, taste_words
from needledrop.gui.actions import Actions
from needledrop.gui.panels.personal_curve import PersonalCurve
from needledrop.gui.taste_jobs import AUTOMATIC, TasteJobs
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.inputs import WholeNumber
from needledrop.gui.widgets.labels import LabelRole, hairline, label

WIDTH = 384
SETTLE_MS = 300
MOST_HABITS = 4


class PersonalTaste(QWidget):
    """Everything in it follows the jobs; what the user does goes to them."""

    def __init__(self, jobs: TasteJobs, actions: Actions) -> None:
        super().__init__()
        self._jobs = jobs
        self.setFixedWidth(WIDTH)
        self._title = label(role="heading")
        self._standing = _wrapped("secondary")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(25)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setAccessibleName(self.tr("How much of your taste counts, in percent"))
        self._share = label(role="secondary")
        self.reset = Button(self.tr("Back to the base"))
        self.restore = Button(self.tr("Let my taste count"))
        self._habits = [_wrapped("text") for _ in range(MOST_HABITS)]
        self._news = _wrapped("secondary")
        self.learn = Button(self.tr("Learn now"), "primary")
        self.stop = Button(self.tr("Stop"))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.curve = PersonalCurve()
        self._outcome = _wrapped("text")
        self.after = WholeNumber()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._build(actions)
        self._connect(actions)

    def _build(self, actions: Actions) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._standing)
        column.addLayout(self._blend_row())
        column.addLayout(_row(self.reset, self.restore))
        column.addSpacing(4)
        self._habits_part = _part(self.tr("What you use"), *self._habits)
        column.addWidget(self._habits_part)
        column.addWidget(_part(self.tr("Learning"), self._news))
        column.addLayout(_row(self.learn, self.stop))
        for widget in (self._bar, self.curve, self._outcome):
            column.addWidget(widget)
        column.addLayout(self._automatic_row())
        column.addStretch(1)
        column.addWidget(hairline())
        give, take = Button(self.tr("Export…"), "quiet"), Button(self.tr("Import…"), "quiet")
        give.setAccessibleName(self.tr("Export your taste"))
        take.setAccessibleName(self.tr("Import a taste"))
        give.clicked.connect(lambda: actions.trigger("personal.export"))
        take.clicked.connect(lambda: actions.trigger("personal.import"))
        self.give = give
        column.addLayout(_row(give, take))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _blend_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(label(self.tr("Base"), "small"))
        row.addWidget(self.slider, 1)
        row.addWidget(label(self.tr("Yours"), "small"))
        self._share.setFixedWidth(44)
        self._share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._share)
        return row

    def _automatic_row(self) -> QHBoxLayout:
        self.after.setRange(0, 1000)
        self.after.setSingleStep(5)
        self.after.setFixedWidth(96)
        self.after.setSpecialValueText(self.tr("never"))
        self.after.setAccessibleName(self.tr("New choices after which it learns by itself; 0 is never"))
        self.after.setValue(int(preferences.current().number(AUTOMATIC)))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(self.tr("By itself after"), "secondary"))
        row.addWidget(self.after)
        row.addWidget(label(self.tr("new choices"), "secondary"))
        row.addStretch(1)
        return row

    def _connect(self, actions: Actions) -> None:
        jobs, values = self._jobs, preferences.current()
        jobs.changed.connect(self.refresh)
        jobs.compared.connect(self._show_habits)
        jobs.curve_changed.connect(self._show_curve)
        self.slider.valueChanged.connect(self._on_slid)
        self._settle.timeout.connect(lambda: jobs.blend(self.slider.value() / 100.0))
        self.reset.clicked.connect(lambda: actions.trigger("personal.reset"))
        self.restore.clicked.connect(self._restore)
        self.learn.clicked.connect(lambda: actions.trigger("personal.learn"))
        self.stop.clicked.connect(jobs.stop)
        self.after.valueChanged.connect(lambda count: values.set(AUTOMATIC, count))
        values.changed.connect(lambda name: self._show_automatic() if name == AUTOMATIC else None)

    def refresh(self) -> None:
        """Show what the jobs know now."""
        overview, jobs = self._jobs.overview, self._jobs
        if overview is None:
            return
        self._title.setText(taste_words.title(overview))
        self._standing.setText(taste_words.standing(overview))
        is_base = overview.state.current == "base"
        if not self._settle.isActive():
            self.slider.blockSignals(True)
            self.slider.setValue(0 if is_base else round(100 * overview.state.blend))
            self.slider.blockSignals(False)
            self._show_share()
        self.slider.setEnabled(not is_base and not jobs.is_learning)
        self.reset.setVisible(not is_base)
        self.restore.setVisible(is_base)
        for button in (self.reset, self.restore, self.learn):
            button.setEnabled(not jobs.is_learning)
        self.give.setEnabled(bool(overview.versions))
        self.learn.setVisible(not jobs.is_learning)
        self.stop.setVisible(jobs.is_learning)
        self.learn.setText(self.tr("Go on learning") if overview.is_interrupted else self.tr("Learn now"))
        self._news.setText(self._learning_text() if jobs.is_learning else taste_words.news(overview))
        self._outcome.setText(jobs.outcome)
        self._outcome.setVisible(bool(jobs.outcome))
        self._show_curve()
        self._show_habits()

    def _learning_text(self) -> str:
        if self._jobs.is_waiting:
            return self.tr("Waits while you play.")
        return self.tr("Each project is held out in turn, to see what would have been better.")

    def _show_curve(self) -> None:
        jobs, points = self._jobs, self._jobs.points
        self.curve.setVisible(jobs.is_learning or bool(points))
        self.curve.show_points(points)
        self._bar.setVisible(jobs.is_learning)
        self._bar.setRange(0, 1000 if points else 0)
        self._bar.setValue(round(1000 * points[-1].share) if points else 0)

    def _show_habits(self) -> None:
        comparison = self._jobs.comparison
        habits = [taste_words.habit(one) for one in comparison.habits[:MOST_HABITS]] if comparison is not None else []
        self._habits_part.setVisible(bool(habits))
        for place, one in enumerate(self._habits):
            one.setText(habits[place] if place < len(habits) else "")
            one.setVisible(place < len(habits))

    def _show_automatic(self) -> None:
        self.after.setValue(int(preferences.current().number(AUTOMATIC)))

    def _on_slid(self) -> None:
        self._show_share()
        self._settle.start()

    def _show_share(self) -> None:
        self._share.setText(f"{self.slider.value()} %")

    def _restore(self) -> None:
        overview = self._jobs.overview
        if overview is not None:
            self._jobs.use(str(overview.versions[-1]["version"]) if overview.versions else "live")


def _wrapped(role: LabelRole) -> QLabel:
    made = label(role=role)
    made.setWordWrap(True)
    return made


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _part(title: str, *content: QWidget) -> QWidget:
    """A part of the column: a line, a small heading, what it is about."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    column.addWidget(hairline())
    column.addSpacing(4)
    column.addWidget(label(title, "small"))
    for widget in content:
        column.addWidget(widget)
    return holder
