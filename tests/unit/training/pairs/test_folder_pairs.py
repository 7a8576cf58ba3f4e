# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of finished videos: who is kept, who is set aside and why, and what is the same music."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media_factory import music, shot_frames, write_video
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken
from needledrop.media.audio import read_audio
from needledrop.training.pairs.folder_pairs import MOST_SPEECH, FolderPairs, read_folder_pairs, source_of, speech_share
from needledrop.training.pairs.pair_set import load_pair_set, save_pair_set
from unit.features.test_soundtrack import voice

RATE = 48000
SECONDS = 9


def film(path: Path, sound: np.ndarray | None, seed: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    frames = shot_frames((60, 130), 25 * SECONDS, width=96, height=64, seed=seed)
    return write_video(path, frames, sound=sound)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> FolderPairs:
    folder = tmp_path_factory.mktemp("films")
    song = music(SECONDS + 4, seed=1, rate=RATE)
    film(folder / "anna_beach_day.mp4", song[: SECONDS * RATE])
    film(folder / "bert_walk.mp4", music(SECONDS, bpm=96, seed=7, rate=RATE), seed=1)
    film(folder / "wedding" / "carla_dance.mkv", 0.5 * song[2 * RATE : (SECONDS + 2) * RATE], seed=2)
    film(folder / "dora_talk.mp4", voice(SECONDS))
    film(folder / "emil_silent.mp4", np.zeros((SECONDS * RATE, 2), np.float32))
    film(folder / "fritz_mute.mp4", None)
    (folder / "gina_broken.mp4").write_bytes(b"no film at all" * 100)
    (folder / ".hidden.mp4").write_bytes(b"")
    (folder / "notes.txt").write_text("not a video")
    return read_folder_pairs(folder)


def test_videos_with_music_are_kept_by_the_order_of_their_paths(found: FolderPairs) -> None:
    pairs = found.pairs
    assert pairs.video_names == ("anna_beach_day.mp4", "bert_walk.mp4", "wedding/carla_dance.mkv")
    assert pairs.track_names == pairs.video_names
    assert [path.name for path in found.paths] == ["anna_beach_day.mp4", "bert_walk.mp4", "carla_dance.mkv"]
    assert pairs.split == pairs.track_split == ("validation",) * 3
    assert pairs.video_source == ("anna", "bert", "wedding")
    assert pairs.tags == (("beach", "day"), ("walk",), ("wedding", "dance"))
    assert max(found.speech_share) < 0.1


def test_what_looks_at_the_pictures_names_tags_beside_the_names(tmp_path: Path) -> None:
    film(tmp_path / "anna_beach.mp4", music(SECONDS, seed=1, rate=RATE))
    seen: list[np.ndarray] = []

    def named(pictures: np.ndarray) -> list[tuple[str, float]]:
        seen.append(pictures)
        return [("calm", 0.7), ("forest", 0.1)]

    assert read_folder_pairs(tmp_path, named=named).pairs.tags == (("beach", "calm"),)
    assert len(seen) == 1 and SECONDS <= len(seen[0]) <= SECONDS + 1 and seen[0].dtype == np.uint8


def test_the_same_music_is_one_cluster(found: FolderPairs) -> None:
    first, other, again = found.pairs.track_cluster
    assert first == again != other


def test_what_is_left_out_is_told_with_its_reason(found: FolderPairs) -> None:
    reasons = {one.name: one.reason for one in found.left_out}
    assert reasons == {
        "dora_talk.mp4": "speech",
        "emil_silent.mp4": "silent",
        "fritz_mute.mp4": "no-audio",
        "gina_broken.mp4": reasons["gina_broken.mp4"],
    }
    sentences = {one.name: one.sentence for one in found.left_out}
    assert sentences["dora_talk.mp4"].endswith("% of its soundtrack is speech.")
    assert sentences["fritz_mute.mp4"] == "'fritz_mute.mp4' is left out: 'fritz_mute.mp4' has no sound."
    assert sentences["gina_broken.mp4"].startswith("'gina_broken.mp4' is left out: ")


def test_numbers_are_whole_and_survive_the_disk(found: FolderPairs, tmp_path: Path) -> None:
    pairs = found.pairs
    assert pairs.music.vector.shape == (3, 1140) and pairs.video.frames.shape == (3, 7, 4, 48, 48)
    assert pairs.music.mask.sum(axis=1).tolist() == pairs.video.mask.sum(axis=1).tolist() == [3, 3, 3]
    for values in (pairs.music.vector, pairs.music.clips, pairs.video.vector, pairs.video.clips, pairs.video.flow):
        assert np.isfinite(values).all() and values.any()
    assert not pairs.video.has_text.any()
    save_pair_set(pairs, tmp_path)
    np.testing.assert_array_equal(load_pair_set(tmp_path).music.clips, pairs.music.clips)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_speech_lies_above_the_bound_and_music_below(seed: int) -> None:
    spoken, played = speech_share(voice(12, seed), RATE), speech_share(music(12, seed=seed, rate=RATE), RATE)
    assert spoken is not None and spoken > 0.5 > MOST_SPEECH
    assert played is not None and played < 0.1 < MOST_SPEECH


def test_a_few_words_over_music_do_not_set_a_video_aside() -> None:
    sound = 0.05 * music(16, seed=3, rate=RATE)
    sound[4 * RATE : 8 * RATE] += voice(4)
    share = speech_share(sound, RATE)
    assert share is not None and 0.1 < share < MOST_SPEECH
    assert speech_share(np.zeros((RATE, 2), np.float32), RATE) is None


@pytest.mark.shared_media
def test_real_music_is_not_taken_for_speech(shared_media: Path) -> None:
    tracks = sorted((shared_media / "music").glob("*.opus"))[::30]
    assert len(tracks) >= 2
    for track in tracks:
        share = speech_share(read_audio(track, 10.0, 25.0, 44100), 44100)
        assert share is not None and share < 0.25 < MOST_SPEECH, track.name


def test_the_sub_folder_tells_who_made_it() -> None:
    folder = Path("/films")
    assert source_of(folder / "anna" / "b" / "bert_x.mp4", folder) == "anna"
    assert source_of(folder / "bert_x_y.mp4", folder) == "bert"
    assert source_of(folder / "alone.mp4", folder) == "alone"


def test_nothing_to_use_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="holds no videos"):
        read_folder_pairs(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(KnownError, match="None of the 1 videos"):
        read_folder_pairs(tmp_path)
    stopped = CancelToken()
    stopped.cancel()
    with pytest.raises(Cancelled):
        read_folder_pairs(tmp_path, cancel=stopped)
