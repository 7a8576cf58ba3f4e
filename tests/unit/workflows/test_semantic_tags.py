# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The semantic pack from its installation to tags of a film and a track, with tiny models in place of the real ones."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import media_factory
from contract.scanning import quiet_scan
from needledrop.cli.main import run
from needledrop.cli.suggest_command import answer_facts
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ignore_progress
from needledrop.crossmodal import semantic_pack, sentence
from needledrop.crossmodal.tag_vocabulary import load_vocabulary
from needledrop.media.audio import read_audio
from needledrop.media.pictures import read_frame
from needledrop.workflows import model_packs
from needledrop.workflows.found_words import FoundWord
from needledrop.workflows.known_tags import keep_tags, known_tags
from needledrop.workflows.model_packs import find_pack, install_pack, installed_packs
from needledrop.workflows.pack_catalogue import PackFile, known_packs
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.semantic_tags import Named, SemanticPack, name_all, open_semantic_pack
from needledrop.workflows.suggest import Answer, Wish, suggest_music
from unit.crossmodal.tiny_models import CLAP_WIDTH, SIGLIP_WIDTH, tiny_clap, tiny_siglip
from unit.workflows.made_library import add_track


@pytest.fixture
def installed(profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """Both packs installed from folders; only width and checksum of the weights are those of the tiny models."""
    tiny_siglip(tmp_path / "siglip-base")
    tiny_clap(tmp_path / "clap-music")
    real = known_packs()
    weights = PackFile("model.safetensors", "model.safetensors", "", "")
    packs = {
        name: dataclasses.replace(real[name], dimension=width, files=(weights, *real[name].files[1:]))
        for name, width in (("siglip-base", SIGLIP_WIDTH), ("clap-music", CLAP_WIDTH))
    }
    monkeypatch.setattr(model_packs, "known_packs", lambda: packs)
    for name in packs:
        install_pack(profile, find_pack(name), ignore_progress, CancelToken(), from_path=tmp_path / name)
    return profile


@pytest.fixture
def pack(installed: Profile) -> SemanticPack:
    opened = open_semantic_pack(installed)
    assert opened is not None
    return opened


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("music") / "track.wav"
    return media_factory.write_audio(path, media_factory.music(52.0, rate=48_000), rate=48_000)


def test_a_track_is_heard_once_and_its_vectors_are_kept(
    pack: SemanticPack, installed: Profile, track: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Progress] = []
    with write_library(installed, "test") as library:
        first = pack.of_track(library, "sound", track, 52.0, seen.append, CancelToken())
        card = pack.music.encoder.card
        kept = library.embeddings(card, ["sound"])["sound"]
        # 40 s and then 12 s: four windows, and one more with its rest too short to count.
        assert kept.shape == (5, CLAP_WIDTH) and seen[-1].done == seen[-1].total == 2
        whole = pack.music.encoder.embed(read_audio(track, 0.0, 52.0, 48_000, 1)[:, 0])
        assert np.allclose(kept, whole, atol=1e-4)
        monkeypatch.setattr(pack.music.encoder, "embed", lambda item: pytest.fail("heard again"))
        assert np.array_equal(pack.of_track(library, "sound", track, 52.0, seen.append, CancelToken()), first)
    assert first.shape == (len(pack.vocabulary.tags),)
    assert first[pack.vocabulary.slices()[0]].sum() == pytest.approx(1, abs=1e-5)


def test_a_film_is_seen_once_a_second(pack: SemanticPack, installed: Profile, tmp_path: Path) -> None:
    path = media_factory.write_video(tmp_path / "film.mp4", media_factory.shot_frames([38], 75))
    with write_library(installed, "test") as library:
        found = pack.of_video(library, "film", path, 3.0, ignore_progress, CancelToken())
        kept = library.embeddings(pack.pictures.encoder.card, ["film"])["film"]
    wanted = pack.pictures.encoder.embed([read_frame(path, t_s, 256) for t_s in (0.5, 1.5, 2.5)])
    assert np.array_equal(kept, wanted)
    assert np.allclose(found, pack.pictures.probabilities(wanted))


@pytest.fixture
def named(installed: Profile, tmp_path: Path) -> tuple[Profile, Path]:
    """A library of two tracks and a film, all with their tags."""
    music = tmp_path / "music"
    music.mkdir()
    for seed in (1, 2):
        made = media_factory.music(21.0, bpm=80.0 + 30 * seed, seed=seed, rate=48_000)
        media_factory.write_audio(music / f"track-{seed}.flac", made, rate=48_000)
    film = media_factory.write_video(tmp_path / "film.mp4", media_factory.shot_frames([38], 75))
    quiet_scan(installed, music)
    assert name_all(installed, [film], ignore_progress, CancelToken()) == Named(2, 1, ())
    return installed, film


def say(profile: Profile, tracks: dict[int, tuple[str, ...]], videos: dict[str, tuple[str, ...]] | None = None) -> None:
    """Put other captions in place: which tags a model of random weights gives means nothing."""
    with read_library(profile) as library:
        known = known_tags(profile, library)
        known.tracks = {number: tracks.get(number, ()) for number in known.tracks}
        known.videos = known.videos if videos is None else videos
        keep_tags(profile, library, known)


def suggested(profile: Profile, film: Path, **wish: Any) -> Answer:
    return suggest_music(profile, film, Wish(**wish), ignore_progress, CancelToken())


def test_tags_are_kept_and_nothing_is_named_twice(named: tuple[Profile, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    profile, _ = named
    with read_library(profile) as library:
        kept = known_tags(profile, library)
    vocabulary = set(load_vocabulary().tags)
    assert len(kept.tracks) == 2 and len(kept.videos) == 1
    assert all(set(caption) <= vocabulary for caption in (*kept.tracks.values(), *kept.videos.values()))
    monkeypatch.setattr(SemanticPack, "of_track", lambda *_: pytest.fail("named again"))
    assert name_all(profile, [], ignore_progress, CancelToken()) == Named(0, 0, ())


def test_tags_caption_the_cards_and_meet_the_text_line(named: tuple[Profile, Path]) -> None:
    profile, film = named
    first, second = (one.track_id for one in suggested(profile, film).suggestions)
    say(profile, {first: ("calm", "acoustic"), second: ("sunset", "epic")})
    for has_sentences in (True, False):
        with pytest.MonkeyPatch.context() as patched:
            if not has_sentences:
                patched.setattr(sentence, "published_model_dir", lambda: None)
            answer = suggested(profile, film, text="epic sunset")
        assert answer.tags == {first: ("calm", "acoustic"), second: ("sunset", "epic")}
        assert answer.suggestions[0].track_id == second
        assert answer.suggestions[0].parts["text"] > answer.suggestions[1].parts["text"]
        reasons = " / ".join(reason.text for reason in answer.suggestions[0].reasons)
        assert "matches 'epic sunset' in what a model heard in it" in reasons
        assert "a model that heard it names: sunset, epic" in reasons
    assert answer_facts(answer)["suggestions"][0]["tags"] == ["sunset", "epic"]


def test_what_is_seen_becomes_words_the_user_can_change(named: tuple[Profile, Path]) -> None:
    profile, film = named
    with read_library(profile) as library:
        (content_hash,) = known_tags(profile, library).videos
    say(profile, {}, {content_hash: ("waterfall",)})
    answer = suggested(profile, film)
    assert FoundWord("waterfall", "pictures") in answer.words.words
    assert any("waterfall" in note for note in answer.notes)
    assert not suggested(profile, film, has_found_words=False).words.words
    assert not suggested(profile, film, text="calm").words.words


def test_a_track_in_which_the_same_is_named_is_lifted(named: tuple[Profile, Path]) -> None:
    profile, film = named
    first, second = suggested(profile, film, has_found_words=False).suggestions
    with read_library(profile) as library:
        known = known_tags(profile, library)
        (content_hash,) = known.seen
        other = np.roll(known.seen[content_hash], 3)
        known.heard = {second.track_id: known.seen[content_hash], first.track_id: other}
        assert known.agreements(content_hash)[second.track_id] == pytest.approx(1.0, abs=1e-3)
        assert known.agreements("another film") == {}
        keep_tags(profile, library, known)
    parts = {one.track_id: one.parts for one in suggested(profile, film, has_found_words=False).suggestions}
    assert parts[second.track_id]["tags"] == pytest.approx(1.0, abs=1e-3)
    assert parts[first.track_id]["tags"] < parts[second.track_id]["tags"]


def test_without_the_pack_or_with_a_damaged_file_there_are_no_tags(named: tuple[Profile, Path]) -> None:
    profile, film = named
    (file,) = (profile.cache_dir / "tags").iterdir()
    whole = file.read_bytes()
    other = io.BytesIO()
    np.savez(other, heard=np.zeros((2, 3)))
    for content in (whole[:-9], b"", other.getvalue()):
        file.write_bytes(content)
        assert not suggested(profile, film).tags
    file.write_bytes(whole)
    assert suggested(profile, film).tags
    model_packs.remove_pack(profile, find_pack("clap-music"))
    assert not suggested(profile, film).tags
    with pytest.raises(KnownError, match="the semantic pack is needed"):
        name_all(profile, [], ignore_progress, CancelToken())


def test_a_file_that_cannot_be_read_is_passed_over(installed: Profile, tmp_path: Path) -> None:
    with write_library(installed, "test") as library:
        add_track(library, 1)
    named = name_all(installed, [], ignore_progress, CancelToken())
    assert named.tracks == 0 and "Title 1" in named.notes[0]


def test_the_command_names_and_says_so(
    named: tuple[Profile, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, film = named
    monkeypatch.setattr("needledrop.cli.main._cancel_on_interrupt", lambda cancel: None)
    (profile.cache_dir / "tags" / "tags.npz").unlink()
    assert run(["--profile", str(profile.data_dir.parent), "models", "tag", str(film)]) == 0
    assert "2 tracks and 1 video got their tags." in capsys.readouterr().out


def test_stopping_keeps_nothing_half(pack: SemanticPack, installed: Profile, track: Path) -> None:
    cancel = CancelToken()
    with write_library(installed, "test") as library:
        with pytest.raises(Cancelled):
            pack.of_track(library, "sound", track, 52.0, lambda _: cancel.cancel(), cancel)
        assert library.missing_embeddings(pack.music.encoder.card, ["sound"]) == ["sound"]


def test_without_a_part_of_it_there_is_no_pack(installed: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(semantic_pack, "is_available", lambda: False)
        assert open_semantic_pack(installed) is None
    model_packs.remove_pack(installed, find_pack("clap-music"))
    assert open_semantic_pack(installed) is None


def test_a_damaged_part_is_a_sentence(installed: Profile) -> None:
    path = installed_packs(installed)["siglip-base"].weights_path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(KnownError, match=r"model\.safetensors cannot be used"):
        open_semantic_pack(installed)
