# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every text of the window has a translation that keeps its places, and the window is shown in the language chosen."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

import needledrop
from gui.conftest import WAIT_MS
from needledrop.core.paths import Profile
from needledrop.core.query import Reason
from needledrop.gui import sentences, suggestion_words, translation
from needledrop.gui.application import Shell
from needledrop.gui.places import PLACES
from needledrop.gui.sentences import job_in_words, reason_in_words

APP = Path(needledrop.__file__).parent
TS_FILES = sorted(translation.folder().glob("*.ts"))


def load_tool() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "packaging" / "translations.py"
    spec = importlib.util.spec_from_file_location("needledrop_translations", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = load_tool()


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """German, until the test has ended."""
    before = qapp.findChildren(QTranslator)
    assert translation.install(qapp, "de") == "de"
    yield
    for one in qapp.findChildren(QTranslator):
        if one not in before:
            qapp.removeTranslator(one)
            one.deleteLater()


def test_every_language_that_can_be_chosen_is_there() -> None:
    assert {path.stem for path in TS_FILES} == {f"needledrop_{name}" for name in translation.LANGUAGE_NAMES} - {
        "needledrop_en"
    }


@pytest.mark.parametrize("path", TS_FILES, ids=lambda path: path.stem)
def test_every_text_is_translated_and_no_place_is_lost(path: Path) -> None:
    found, known = tool.messages(), tool.read_ts(path)
    assert tool.untranslated(found, known) == [], "run packaging/translations.py and translate what it names"
    gone = {key for key in known if key[1] not in found.get(key[0], [])}
    assert gone == set(), "run packaging/translations.py"
    lost = {text: said for (_, text), said in known.items() if tool.places(text) != tool.places(said)}
    assert lost == {}


@pytest.mark.parametrize("path", TS_FILES, ids=lambda path: path.stem)
def test_what_the_program_loads_is_made_of_the_translations(qapp: QApplication, path: Path) -> None:
    translator = QTranslator()
    assert translator.load(str(path.with_suffix(".qm")))
    stale = {
        text
        for (context, text), said in tool.read_ts(path).items()
        if translator.translate(context, text) not in (said, "" if said == text else said)
    }
    assert stale == set(), "run packaging/translations.py"


def test_a_lost_place_and_an_open_text_would_be_seen(tmp_path: Path) -> None:
    module = tmp_path / "made_up.py"
    module.write_text('class Pane:\n    def show(self):\n        self.tr("%1 of %2 tracks")\n', encoding="utf-8")
    (text,) = tool.texts_of(module)
    assert text == ("Pane", "%1 of %2 tracks")
    assert tool.untranslated({"Pane": [text[1]]}, {}) == [text]
    assert tool.places("%1 von %2") == ["%1", "%2"] != tool.places("%1 Stücke")
    module.write_text("class Pane:\n    def show(self, text):\n        self.tr(text)\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no text that a translator could see"):
        list(tool.texts_of(module))


def test_the_system_is_followed_and_english_is_what_there_is_else() -> None:
    assert translation.chosen("system", ["de-AT", "en"]) == "de"
    assert translation.chosen("system", ["fr-FR", "de_DE"]) == "de"
    assert translation.chosen("system", ["fr-FR"]) == "en"
    assert translation.chosen("en", ["de-DE"]) == "en"


def test_the_window_speaks_german(
    german: None, open_shell: Callable[[Profile], Shell], library_profile: Profile
) -> None:
    shell = open_shell(library_profile)
    assert shell.window.title_bar.export_button.text() == "Exportieren …"
    assert shell.window.actions_registry.qt("edit.undo").text() == "Rückgängig"
    assert QCoreApplication.translate("QLineEdit", "&Paste") == "Einf&ügen"


def test_no_text_of_the_german_window_is_cut_off(
    qtbot: QtBot, german: None, open_shell: Callable[[Profile], Shell], watched_profile: Profile, film: Path
) -> None:
    shell = open_shell(watched_profile)
    shell.window.resize(1280, 760)
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.answer is not None and not shell.document.is_asking, timeout=WAIT_MS)
    shell.document.use(0)

    def check() -> None:
        shown = (one for one in shell.window.findChildren(QWidget) if one.isVisibleTo(shell.window))
        labelled = (one for one in shown if isinstance(one, QLabel | QPushButton))
        assert [one.text() for one in labelled if is_cut_off(one)] == []

    for place in ("suggest", *(one.id for one in PLACES)):
        shell.window.show_place(place)
        qtbot.waitUntil(shell.background.is_idle, timeout=WAIT_MS)
        qtbot.waitUntil(check, timeout=WAIT_MS)  # Texts that have just come are laid out a moment later.


def is_cut_off(widget: QLabel | QPushButton) -> bool:
    if isinstance(widget, QPushButton):
        return widget.sizeHint().width() > widget.width() + 1
    if widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height() + 1
    return widget.fontMetrics().horizontalAdvance(widget.text()) > widget.contentsRect().width() + 1


def test_reasons_are_said_in_german_with_their_times(german: None) -> None:
    reason = Reason(
        "3 of 4 cuts fall on beats (1 on a downbeat; 12 ms apart in the median; the same shots in 200 other orders "
        "reach 2 on average; this order fits better than 150 of them)",
        (1.0, 2.0, 3.0),
    )
    said = suggestion_words.plain(suggestion_words.sentence(reason))
    assert said.startswith("3 von 4 Schnitten fallen auf Schläge (1 auf eine Eins; im Median 12 ms entfernt; dieselben")
    assert said.endswith("0:01, 0:02, 0:03.")
    assert reason_in_words("warm, dark picture; minor key (D min)") == "Bild: warm, dunkel; Tonart: Moll (D min)"
    assert reason_in_words("matches 'dark once' in title") == "passt zu „dark once“ in Titel"
    repeated = "shorter than the range: 4 bars (0:10 to 0:18) are repeated twice, joined on bar lines"
    assert "werden zweimal wiederholt" in reason_in_words(repeated)
    assert reason_in_words("something nobody foresaw") == "something nobody foresaw"


def test_without_a_translation_sentences_stay_as_they_are() -> None:
    for text in (
        "tempo 120 fits one cut every 2.0 bars",
        "warm picture; major key (D maj)",
        "sounds like the reference",
    ):
        assert reason_in_words(text) == text
    assert job_in_words("Opening film.mp4") == "Opening film.mp4"


def test_every_reason_and_every_name_of_progress_is_known_here() -> None:
    reasons = [*said_in(APP / "suggest" / "explain.py", "Reason")]
    assert len(reasons) > 10
    unknown = [text for text in reasons if not is_known_reason(text)]
    assert unknown == [], "add them to gui/sentences.py"
    shown = [*(APP / "workflows").glob("*.py"), *(APP / "export").rglob("*.py")]
    labels = {text for path in shown for text in said_in(path, "Progress")}
    unknown = sorted(text for text in labels if sentences.matched(text, sentences.JOBS) is None)
    assert unknown == [], "add them to gui/sentences.py"


def said_in(path: Path, name: str) -> Iterator[str]:
    """The first text of each call of `name` in a module, "7" for what changes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name and node.args:
            text = written(node.args[0])
            if text.strip("7 ("):
                yield text


def written(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(written(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "7"


def is_known_reason(text: str) -> bool:
    """With its bracket or without; what is put in at the end of a word may be nothing."""
    whole = re.sub(r"(?<=[a-z])7", "", text)
    bare = re.sub(r" \([^()]*\)$", "", whole)
    return any(sentences.matched(one, sentences.REASONS) is not None for one in (whole, bare))
