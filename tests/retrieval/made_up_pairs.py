# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of pairs with a planted correlation, as numbers: no picture is drawn and no sound is made."""

from __future__ import annotations

import numpy as np

from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems

CLIPS, LATENT = 7, 6


def made_up_pairs(
    tracks: int = 40, videos_per_track: int = 3, *, noise: float = 0.3, is_related: bool = True, seed: int = 1
) -> PairSet:
    """Tracks and videos that are noisy views of a latent (or of two that have nothing to do with each other). Half of
    the tracks are trained on, with their last video kept for test-weak; the rest is validation and test-strong."""
    rng = np.random.default_rng(seed)
    videos = tracks * videos_per_track
    track_of_video = np.repeat(np.arange(tracks), videos_per_track)
    track_latent = rng.normal(size=(tracks, LATENT)).astype(np.float32)
    near = track_latent[track_of_video] if is_related else rng.normal(size=(videos, LATENT))
    video_latent = (near + 0.2 * rng.normal(size=(videos, LATENT))).astype(np.float32)
    part = np.array(["train"] * 2 + ["validation", "test-strong"])[np.arange(tracks) % 4]
    split = part[track_of_video]
    split[(split == "train") & (np.arange(videos) % videos_per_track == videos_per_track - 1)] = "test-weak"

    def seen(latent: np.ndarray, width: int) -> np.ndarray:
        values = latent @ np.random.default_rng(width).normal(size=(LATENT, width))
        return np.asarray(values + noise * rng.normal(size=values.shape), np.float32)

    def clips(latent: np.ndarray, width: int) -> np.ndarray:
        return np.stack([seen(latent, width) for _ in range(CLIPS)], axis=1)

    beats = np.clip(8 + 3 * track_latent[:, :1, None] + rng.normal(0, 0.5, (tracks, CLIPS, 1)), 2, 17)
    rhythm = np.concatenate([beats.round(), 4 + 3 * rng.random((tracks, CLIPS, 1)), 4 / beats], axis=2)
    return PairSet(
        name="made-up",
        music=MusicItems(
            vector=seen(track_latent, 50),
            clips=clips(track_latent, 24),
            rhythm=rhythm.astype(np.float32),
            mel=np.zeros((tracks, 0, 0, 0), np.uint8),
            mask=np.ones((tracks, CLIPS), bool),
        ),
        video=VideoItems(
            vector=seen(video_latent, 40),
            clips=clips(video_latent, 20),
            flow=np.exp(1 + 0.5 * video_latent[:, :1] + rng.normal(0, 0.2, (videos, CLIPS))).astype(np.float32),
            frames=np.zeros((videos, 0, 0, 0, 0), np.uint8),
            text=seen(video_latent, 16),
            has_text=rng.random(videos) < 0.7,
            mask=np.ones((videos, CLIPS), bool),
        ),
        track_of_video=track_of_video.astype(np.int64),
        track_names=tuple(f"track {index}" for index in range(tracks)),
        video_names=tuple(f"video {index}" for index in range(videos)),
        track_cluster=np.arange(tracks, dtype=np.int64),
        video_source=tuple(f"source {index // videos_per_track}" for index in range(videos)),
        split=tuple(split.tolist()),
        track_split=tuple("train" if one == "train" else one for one in part.tolist()),
        tags=tuple(tuple(f"tag{axis}" for axis in np.flatnonzero(latent > 0.8)) for latent in video_latent[:, :LATENT]),
        truth={"video_latent": video_latent, "music_latent": track_latent},
    )
