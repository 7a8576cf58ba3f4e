# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One editor's taste: learned from the library's feedback, switched, blended, reset, taken along. Nothing is learned
while a list is ranked; ranking only asks for the opinion that counts."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.query import SequenceModel
from needledrop.crossmodal.base_towers import shipped_towers
from needledrop.index.embedded_clips import embedded_clips
from needledrop.index.gallery import Gallery
from needledrop.library.library import Library
from needledrop.suggest.learned import LearnedMatcher, LearnedWeights
from needledrop.suggest.taste import TasteOpinion
from needledrop.suggest.taste_cache import cached_taste, with_news
from needledrop.suggest.taste_space import TasteSpace
from needledrop.training.personal.changes import Change, changes
from needledrop.training.personal.evidence import Evidence
from needledrop.training.personal.learning import Done, Learned, Watch, ignore_points, learn
from needledrop.training.personal.live import live_taste
from needledrop.workflows import taste_store
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import read_library
from needledrop.workflows.taste_evidence import Verdicts, contexts_of, entries_of, evidence_of, traits_of, verdicts_of
from needledrop.workflows.taste_files import KeptTaste, json_of, read_taste, write_taste
from needledrop.workflows.taste_standings import live_evidence
from needledrop.workflows.taste_store import (
    BASE,
    LIVE,
    TasteState,
    checkpoint_path,
    counting_version,
    state_of,
    taste_lock,
)
from needledrop.workflows.taste_weights import ranking_weights, with_parts


@dataclass(frozen=True)
class LearnReport:
    """What a run of learning came to. version is None where the taste of before was kept."""

    learned: Learned
    version: int | None
    lost: int
    moved: Sequence[Change] = ()


def learn_taste(
    profile: Profile, progress: ProgressSink, cancel: CancelToken, watch: Watch = ignore_points
) -> LearnReport:
    """Learn from all feedback; what is better than the base on held-out projects becomes the taste that counts.

    A run that was stopped or killed is gone on with, as long as labels and library are the same.

    Raises:
        KnownError: another process learns, the disk is full, the model is missing.
        Cancelled: stopped by the user; the finished folds are kept.
    """
    with taste_lock(profile, "learn"), read_library(profile) as library:
        gallery = refresh_gallery(profile, library, progress, cancel)
        model = shipped_towers()
        embedded = embedded_clips(profile.gallery_dir, gallery, model)
        entries = entries_of(profile, library)
        verdicts = verdicts_of(entries, gallery)
        traits = traits_of(profile, library, gallery, embedded, model.name)
        space = TasteSpace.fitted(traits)

        def ask(weights: LearnedWeights) -> Evidence:
            matcher = LearnedMatcher(gallery, embedded, model, lambda ids: {}, weights)
            return evidence_of(profile, library, matcher, verdicts, space, traits)

        evidence = with_parts(ask(LearnedWeights()), ask)
        learned = _learned(profile, evidence, _key(entries, gallery, model), progress, cancel, watch)
        state = replace(state_of(profile), seen_id=verdicts.last_id)
        if learned.taste is None:
            taste_store.save_state(profile, state)
            return LearnReport(learned, None, verdicts.lost)
        moved = changes(evidence, evidence.weighted(learned.factors), learned.taste, gallery)
        about = _about(learned, verdicts, entries, gallery, model) | {
            "moved": [dataclasses.asdict(one) for one in moved]
        }
        number = taste_store.add_version(profile, KeptTaste(learned.taste, about))
        taste_store.save_state(profile, replace(state, current=str(number)))
        checkpoint_path(profile).unlink(missing_ok=True)
    return LearnReport(learned, number, verdicts.lost, moved)


def taste_opinion(
    profile: Profile, library: Library, gallery: Gallery, embedded: FloatArray, model: SequenceModel, notes: list[str]
) -> TasteOpinion | None:
    """The taste that counts, over the tracks of a gallery; None where the base alone does.

    Labels given since a version was learned count at once, by the training-free cache.
    """
    state = state_of(profile)
    if state.current == BASE or state.blend <= 0.0:
        return None
    entries = entries_of(profile, library)
    if not entries and state.current == LIVE:
        return None
    traits = traits_of(profile, library, gallery, embedded, model.name)
    kept = counting_version(profile, state, model, gallery, notes)
    space = kept.taste.space if kept is not None else TasteSpace.fitted(traits)
    tracks = space.placed(traits)
    if tracks is None:
        return None
    # Past edits have the id 0: a version was learned from those there were, and until then they count, too.
    since = int(kept.about.get("last_feedback_id", 0)) if kept is not None else -1
    verdicts = verdicts_of([entry for entry in entries if entry["id"] > since], gallery)
    news = cached_taste(space, tracks, contexts_of(profile, library, model, verdicts.asked), verdicts.labels)
    if news.precision > 0.0:
        weights = ranking_weights(profile, gallery, model)
        matcher = LearnedMatcher(gallery, embedded, model, lambda ids: {}, weights)
        told = live_evidence(profile, library, gallery, matcher, weights, verdicts, space, traits)
        news = news if live_taste(told).precision > 0.0 else replace(news, precision=0.0)
    taste = (with_news(kept.taste, news, tracks) if kept is not None else news).blended(state.blend)
    return TasteOpinion(taste, tracks) if taste.precision > 0.0 else None


def use_taste(profile: Profile, name: str) -> TasteState:
    """Let a version count, or "live", or "base".

    Raises:
        KnownError: there is no such version, it is damaged, or another process changes the taste.
    """
    if name not in (BASE, LIVE) and not name.isdecimal():
        raise KnownError(
            f"'{name}' is no version of your taste.", remedy="Give a number of `needledrop taste list`, live or base.",
            code="usage",
        )  # fmt: skip
    with taste_lock(profile, "taste use"):
        if name.isdecimal():
            taste_store.read_version(profile, int(name))
            name = str(int(name))
        state = replace(state_of(profile), current=name)
        taste_store.save_state(profile, state)
    return state


def blend_taste(profile: Profile, share: float) -> TasteState:
    """Let the taste count this much, 0 (the base exactly) to 1.

    Raises:
        KnownError: the share is no such number, or another process changes the taste.
    """
    if not 0.0 <= share <= 1.0:
        raise KnownError(f"{share:g} is no share.", remedy="Give 0 (base) to 1 (all of your taste).", code="usage")
    with taste_lock(profile, "taste blend"):
        state = replace(state_of(profile), blend=share)
        taste_store.save_state(profile, state)
    return state


def reset_taste(profile: Profile) -> TasteState:
    """Back to the base exactly; versions and feedback are kept, to go back to.

    Raises:
        KnownError: another process changes the taste.
    """
    return use_taste(profile, BASE)


def export_taste(profile: Profile, path: Path, version: int | None = None, *, overwrite: bool = False) -> list[Path]:
    """Write a version (by default the one that counts) to PATH.safetensors and PATH.json; returns both.

    Raises:
        KnownError: no version counts, there is no such one, a file exists, or the disk is full.
    """
    current = state_of(profile).current
    if version is None and not current.isdecimal():
        raise KnownError(
            "No learned version of your taste counts just now.",
            remedy="Name one of `needledrop taste list`, or learn one: needledrop learn",
            code="missing",
        )
    path = path if path.suffix == ".safetensors" else path.with_name(f"{path.name}.safetensors")
    for target in (path, json_of(path)):
        if target.exists() and not overwrite:
            raise KnownError(
                f"{target} exists already.", remedy="Choose another name, or add --overwrite.", code="exists"
            )
    write_taste(path, taste_store.read_version(profile, version if version is not None else int(current)))
    return [path, json_of(path)]


def import_taste(profile: Profile, path: Path) -> int:
    """Take a taste from PATH.safetensors and the JSON beside it as the next version; it counts from now on.

    Raises:
        KnownError: the files are no taste or damaged, the disk is full, or another process changes the taste.
    """
    kept = read_taste(path if path.suffix == ".safetensors" else path.with_name(f"{path.name}.safetensors"))
    # The ids of its labels are those of another library: here, all feedback is news.
    about = dict(kept.about) | {"imported_at": time.time(), "last_feedback_id": -1}
    with taste_lock(profile, "taste import"):
        number = taste_store.add_version(profile, KeptTaste(kept.taste, about))
        taste_store.save_state(profile, replace(state_of(profile), current=str(number)))
    return number


def _learned(
    profile: Profile, evidence: Evidence, key: str, progress: ProgressSink, cancel: CancelToken, watch: Watch
) -> Learned:
    path = checkpoint_path(profile)
    stored = read_json(path)
    done: Done = stored["done"] if isinstance(stored, dict) and stored.get("key") == key else {}
    learned = learn(
        evidence, done, lambda grown: write_json(path, {"key": key, "done": grown}), progress, cancel, watch
    )
    if learned.taste is None:
        path.unlink(missing_ok=True)
    return learned


def _key(entries: Sequence[Mapping[str, Any]], gallery: Gallery, model: SequenceModel) -> str:
    """What a run depends on: one that was interrupted is gone on with where this is the same."""
    about = json.dumps([entries, gallery.library_revision, sorted(gallery.feature_versions.items()), model.name])
    return blake2b(about.encode(), digest_size=12).hexdigest()


def _about(
    learned: Learned,
    verdicts: Verdicts,
    entries: Sequence[Mapping[str, Any]],
    gallery: Gallery,
    model: SequenceModel,
) -> dict[str, Any]:
    data = ("video_hash", "content_hash", "verdict", "start_s", "end_s", "given_at")
    return {
        "made_at": time.time(),
        "form": learned.best.form if learned.best else "",
        "figures": {name: dataclasses.asdict(one) for name, one in learned.tried.items()},
        "chosen": dataclasses.asdict(learned.best) if learned.best else None,
        "likes": learned.likes,
        "projects": learned.projects,
        "labels": len(verdicts.labels),
        # Factors alone leave the labels to the cache, all of them.
        "last_feedback_id": verdicts.last_id if learned.taste is not None and learned.taste.precision > 0 else -1,
        "weights": dict(learned.factors),
        "model": model.name,
        "feature_versions": dict(gallery.feature_versions),
        "data": [{name: entry[name] for name in data} for entry in entries],
    }
