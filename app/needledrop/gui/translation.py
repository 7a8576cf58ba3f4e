# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The language of the window: which there are, and how one is put in force before the first widget is made.

English is what stands in the source. Another language is a file of resources/translations; `packaging/translations.py`
keeps these whole.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from needledrop.core.paths import shipped_dir

# As the setting "language" has them; each is called what its speakers call it.
LANGUAGE_NAMES = {"en": "English", "de": "Deutsch"}


def install(application: QCoreApplication, wanted: str) -> str:
    """Put a language in force: one of LANGUAGE_NAMES, or "system" for the system's where it is there, else English.

    Returns:
        The language that is in force.
    """
    language = chosen(wanted, QLocale.system().uiLanguages())
    if language == "en":
        return language
    own = QTranslator(application)
    if not own.load(str(folder() / f"needledrop_{language}.qm")):
        return "en"
    application.installTranslator(own)
    qt = QTranslator(application)  # The menus of text lines, the buttons of file dialogs.
    if qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(qt)
    return language


def chosen(wanted: str, system: list[str]) -> str:
    """The language of a setting; `system` are the system's, such as "de-AT", the most wanted first."""
    if wanted in LANGUAGE_NAMES:
        return wanted
    spoken = (name.replace("_", "-").partition("-")[0] for name in system)
    return next((name for name in spoken if name in LANGUAGE_NAMES), "en")


def folder() -> Path:
    """Where the translations lie."""
    return shipped_dir("resources") / "translations"
