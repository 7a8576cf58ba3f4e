# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a name says is kept, what cameras and versions add is not; subtitles give their subject in any language."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.telling_words import name_words, telling_words, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DSC_0012", []),
        ("MVI_4421", []),
        ("GX010042", []),
        ("IMG_20230512_104500", []),
        ("C0001", []),
        ("A001_C003_0512AB", []),
        ("2023-05-12_SunriseHike_final_v3", ["Sunrise", "Hike"]),
        ("Iceland trip FINAL final_v12 (copy 2)", ["Iceland", "trip"]),
        ("hochzeit.anna+tom.1080p.h264", ["hochzeit", "anna", "tom"]),
        ("Übersicht ÉtéMer", ["Übersicht", "Été", "Mer"]),
        ("восход над рекой 4K", ["восход", "над", "рекой"]),
        ("شروق الشمس \u202b2024\u202c", ["شروق", "الشمس"]),
        ("हिमालय की सुबह", ["हिमालय", "सुबह"]),
        ("京都の桜 v2", ["京都の桜"]),
        ("🌅🌊 surf!!! 🏄", ["surf"]),
        ("see https://example.org/watch?v=abc river", ["see", "river"]),
        ("x" * 500, []),
        ("", []),
        ("\udcff\x00", []),
    ],
)
def test_names_give_their_words(name: str, words: list[str]) -> None:
    assert name_words(name) == words


def test_a_word_counts_once_whatever_its_case() -> None:
    assert name_words("River river RIVER bank") == ["River", "bank"]


def test_marks_and_joined_accents_stay_in_the_word() -> None:
    assert words_of("e\u0301te\u0301 don't 'quoted' a\u200db") == ["été", "don't", "quoted", "ab"]


def speech(little: list[str], subject: list[str], seed: int) -> list[str]:
    """240 lines of little words, in which the subject comes up in a few places."""
    rng = np.random.default_rng(seed)
    lines = [" ".join(rng.choice(little, 6)) for _ in range(240)]
    for place in (30, 33, 35, 120, 121, 200):
        lines[place] += " " + " ".join(subject)
    return lines


@pytest.mark.parametrize(
    ("little", "subject"),
    [
        (["the", "and", "was", "that", "have", "this", "with"], ["glacier", "volcano"]),
        (["und", "aber", "nicht", "dass", "haben", "diese"], ["gletscher", "vulkan"]),
        (["это", "что", "она", "был", "так", "как"], ["ледник", "вулкан"]),
        (["هذا", "الذي", "كان", "على", "ليس"], ["جليد", "بركان"]),
    ],
)
def test_the_subject_stands_out_from_the_little_words_of_any_language(little: list[str], subject: list[str]) -> None:
    assert set(telling_words(speech(little, subject, 1), 2)) == set(subject)


def test_scripts_without_spaces_give_pairs() -> None:
    lines = [f"今日は{'天気' if place % 2 else '気分'}がいいですね" for place in range(60)]
    for place in (10, 11, 40):
        lines[place] = "富士へ登る富士"
    assert "富士" in telling_words(lines, 4)


def test_few_lines_give_what_comes_often() -> None:
    assert telling_words(["river river bank", "river"], 1) == ["river"]
    assert telling_words([], 5) == []
    assert telling_words(["...", "42", "🌊"], 5) == []
    assert telling_words(["river"], 0) == []
