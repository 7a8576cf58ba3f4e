# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from needledrop.training.pairs.tags import (
    CaptionTags,
    NameTags,
    ScriptTags,
    SemanticTags,
    TrackFieldTags,
    VideoWords,
    collected,
    normalised,
)


def caption(text: str, plain_words: bool = True) -> tuple[str, ...]:
    return CaptionTags(plain_words).tags(VideoWords(0, caption=text))


def test_hashtags_and_words_of_a_caption():
    text = "Sunset over the Harbour! #GoldenHour #fyp #slow_travel @friend https://example.org/#anchor"
    assert caption(text) == ("sunset", "harbour", "goldenhour", "slow_travel")
    assert caption(text, plain_words=False) == ("goldenhour", "slow_travel")


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Été #ÉTÉ #e\u0301te\u0301", ("été",)),  # Composed, capital, and decomposed.
        ("#STRASSE #straße", ("strasse",)),
        ("#夏 #東京タワー ＃夜", ("夏", "東京タワー", "夜")),
        ("#हिन्दी_गीत", ("हिन्दी_गीत",)),  # Vowel signs are marks, not letters.
        ("#می‌خواهم", ("می\u200cخواهم",)),  # A joiner inside a Persian word.
        ("#ＣＡＴ", ("cat",)),
        ("#chill#beats", ("chill", "beats")),
        ("#2024 # #_", ()),
        ("#лето2024", ("лето2024",)),
        ("", ()),
    ],
)
def test_hashtags_of_many_scripts(text, tags):
    assert caption(text, plain_words=False) == tags


def test_a_number_sign_inside_a_word_is_no_hashtag():
    assert caption("in c#minor", plain_words=False) == ()


def test_stop_words_and_platform_words_are_passed_over_even_as_hashtags():
    assert caption("#the #and #Viral #und #les me at the beach") == ("beach",)


def test_track_fields_describe_but_do_not_name():
    fields = {"genre": "Drum and Bass; Ambient/Chill", "mood": "DARK", "title": "Night Drive", "artist": "Someone"}
    words = VideoWords(0, track_fields=fields)
    assert TrackFieldTags().tags(words) == ("drum and bass", "ambient", "chill", "dark")


def test_names_of_project_bins_and_files():
    names = ("Projekt/Beach_Day/DSC0012_sunsetDrone.mov", "C:\\Edits\\Beach_Day\\final_v2.prproj", ".hidden")
    assert NameTags().tags(VideoWords(0, names=names)) == (
        "projekt",
        "beach",
        "day",
        "dsc",
        "sunset",
        "drone",
        "edits",
        "hidden",
    )


def test_scripts_lose_a_fifth_of_their_tags_and_err_in_a_fifth_of_the_rest():
    vocabulary = tuple(f"word{n}" for n in range(50))
    script = vocabulary[:10]
    source = ScriptTags(vocabulary, seed=7)
    kept = [source.tags(VideoWords(number, script=script)) for number in range(2000)]
    given = sum(len(tags) for tags in kept)
    wrong = sum(tag not in script for tags in kept for tag in tags)
    # 20,000 draws: five standard errors are 0.014 of what is kept and 0.016 of what is wrong. Two wrong words of one
    # video can be the same one, which costs less than one in a hundred.
    assert given / 20_000 == pytest.approx(0.8, abs=0.02)
    assert wrong / given == pytest.approx(0.2, abs=0.02)


def test_mistakes_follow_from_seed_and_number_alone():
    vocabulary = tuple(f"word{n}" for n in range(20))
    words = VideoWords(3, script=vocabulary[:12])
    assert ScriptTags(vocabulary, 1).tags(words) == ScriptTags(vocabulary, 1).tags(words)
    assert ScriptTags(vocabulary, 1).tags(words) != ScriptTags(vocabulary, 2).tags(words)
    assert ScriptTags(vocabulary, 1, missing=0, wrong=0).tags(words) == words.script


def test_a_model_that_looks_names_its_likeliest_tags():
    seen = {
        0: [("Beach", 0.6), ("calm", 0.2), ("city", 0.19), ("ambient", 0.5), ("bright", 0.5), ("noise", float("nan"))],
        1: [],
    }
    source = SemanticTags(seen.__getitem__, most=2)
    assert source.tags(VideoWords(0)) == ("beach", "ambient")
    assert SemanticTags(seen.__getitem__).tags(VideoWords(0)) == ("beach", "ambient", "bright", "calm")
    assert source.tags(VideoWords(1)) == ()


def test_tags_that_were_seen_join_those_that_were_written():
    sources = [NameTags(), SemanticTags(lambda number: [("harbour", 0.9), ("calm", 0.8)])]
    assert collected(sources, [VideoWords(0, names=("harbour.mp4",))]) == (("harbour", "calm"),)


def test_a_video_has_each_tag_once_from_all_sources():
    words = VideoWords(0, caption="#Beach", track_fields={"genre": "beach;surf"}, names=("beach.mov",))
    sources = (CaptionTags(), TrackFieldTags(), NameTags())
    assert collected(sources, (words, VideoWords(1))) == (("beach", "surf"), ())


def test_normalised():
    assert normalised("  ＃Road   Trip ") == "road trip"
    assert normalised("#_") == ""
