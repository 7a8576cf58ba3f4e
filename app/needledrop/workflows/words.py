# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text line and the tracks' own words in one space: sentence embeddings where the model is there, else full text."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.crossmodal import sentence
from needledrop.index.word_vectors import WordVectors
from needledrop.library.library import Library
from needledrop.suggest.explain import content_words

_CHUNK = 256
# all-MiniLM-L6-v2 gives unrelated short texts cosines of about 0 to 0.15 and close ones 0.5 and more.
UNRELATED_COSINE = 0.1
CLOSE_COSINE = 0.6
# Every word of the text found in the track's own words is worth nearly as much as the same meaning.
_LITERAL_WORTH = 0.9
_MOST_WORDS = 12


@dataclass(frozen=True)
class TextScores:
    """Similarity in 0..1 of each track to a text, and how it was measured: "sentence" or "full-text"."""

    scores: Mapping[int, float]
    method: str


def text_scores(
    profile: Profile, library: Library, text: str, tags: Mapping[int, Sequence[str]] | None = None
) -> TextScores:
    """How near each track's own words are to `text`, and the tags that a model gave it (track id to tags)."""
    tags = tags or {}
    literal = {} if not tags else _shares_of_tags(text, tags)
    if sentence.published_model_dir() is None:
        return TextScores(_joined(library.text_match(text), literal), "full-text")
    words = _word_vectors(profile, library)
    line = _line_vector(profile, text)
    scores: dict[int, float] = dict(zip(words.track_ids.tolist(), _nearness(words.vectors @ line), strict=True))
    named = sorted({tag for own in tags.values() for tag in own})
    near = {tag: _nearness(_line_vector(profile, tag)[None] @ line)[0] for tag in named}
    by_tags = {track_id: max((near[tag] for tag in own), default=0.0) for track_id, own in tags.items()}
    for worth in (_shares_of_words(library, text), literal, by_tags):
        scores = _joined(scores, worth)
    return TextScores(scores, "sentence")


def _joined(scores: Mapping[int, float], worth: Mapping[int, float]) -> dict[int, float]:
    """The scores, raised where a worth says more."""
    joined = dict(scores)
    for track_id, share in worth.items():
        joined[track_id] = max(joined.get(track_id, 0.0), _LITERAL_WORTH * share)
    return joined


def _nearness(cosines: FloatArray) -> list[float]:
    found: list[float] = np.clip((cosines - UNRELATED_COSINE) / (CLOSE_COSINE - UNRELATED_COSINE), 0.0, 1.0).tolist()
    return found


def _shares_of_words(library: Library, text: str) -> dict[int, float]:
    """How much of the text stands literally in each track's own words: to the model "rock" is near to "ridge" too."""
    wanted = sorted(content_words(text))[:_MOST_WORDS]
    shares: dict[int, float] = {}
    for word in wanted:
        for track_id in library.text_match(word):
            shares[track_id] = shares.get(track_id, 0.0) + 1.0 / len(wanted)
    return shares


def _shares_of_tags(text: str, tags: Mapping[int, Sequence[str]]) -> dict[int, float]:
    """How much of the text stands literally in the tags of each track that has any of it."""
    wanted = content_words(text)
    found = {track_id: len(wanted & content_words(" ".join(own))) for track_id, own in tags.items()}
    return {track_id: count / len(wanted) for track_id, count in found.items() if count}


def open_model(profile: Profile) -> sentence.SentenceModel | None:
    """The sentence model, converted on first use; None where its extra is not installed.

    Raises:
        KnownError: its files are damaged, or there is no room for the converted ones.
    """
    published = sentence.published_model_dir()
    if published is None:
        return None
    folder = profile.cache_dir / "models" / "all-MiniLM-L6-v2"
    if not (folder / "model.onnx").is_file():
        from needledrop.crossmodal.sentence_onnx import convert

        convert(published, folder)
    return sentence.SentenceModel(folder)


def embed_words(profile: Profile, library: Library, progress: ProgressSink, cancel: CancelToken) -> None:
    """Embed the words of every track that has none yet, and keep them in the library (opened for writing)."""
    if sentence.published_model_dir() is None:
        return
    texts = sorted({text for _, text in library.track_words()})
    known = library.text_embeddings(sentence.MODEL_ID, texts)
    missing = [text for text in texts if text not in known]
    if not missing:
        return
    model = _installed_model(profile)
    watch = Stopwatch()
    for start in range(0, len(missing), _CHUNK):
        cancel.check()
        chunk = missing[start : start + _CHUNK]
        vectors = model.encode(chunk)
        library.put_text_embeddings(
            sentence.MODEL_ID, {text: vector.tobytes() for text, vector in zip(chunk, vectors, strict=True)}
        )
        progress(Progress("Reading the words", min(start + _CHUNK, len(missing)), len(missing), watch.elapsed_s))
    save_word_vectors(profile, library, model)


def save_word_vectors(profile: Profile, library: Library, model: sentence.SentenceModel) -> WordVectors:
    """Gather the vectors of all tracks into the file beside the gallery.

    Raises:
        KnownError: the cache folder cannot be written.
    """
    lines = list(library.track_words())
    known = library.text_embeddings(sentence.MODEL_ID, {text for _, text in lines})
    missing = sorted({text for _, text in lines if text not in known})
    vectors = {text: np.frombuffer(blob, np.float32) for text, blob in known.items()}
    vectors |= zip(missing, model.encode(missing), strict=True)
    words = WordVectors(
        library.revision_id,
        sentence.MODEL_ID,
        np.array([track_id for track_id, _ in lines], np.int64),
        _stacked([vectors[text] for _, text in lines]),
    )
    try:
        words.save(profile.gallery_dir)
    except OSError as error:
        raise KnownError(
            f"The words of the tracks could not be written to {profile.gallery_dir}.",
            remedy="Free some space there, or check that the folder can be written.",
            cause=str(error),
            code="disk-full",
        ) from error
    return words


def _word_vectors(profile: Profile, library: Library) -> WordVectors:
    revision = library.revision_id
    words = WordVectors.open(profile.gallery_dir, library_revision=revision, model_id=sentence.MODEL_ID)
    return words if words is not None else save_word_vectors(profile, library, _installed_model(profile))


def _line_vector(profile: Profile, text: str) -> FloatArray:
    """The embedding of a line, float32 [D], kept in the cache: to load the model takes longer than all the rest."""
    key = blake2b(f"{sentence.MODEL_ID}\x00{text}".encode(errors="surrogatepass"), digest_size=16).hexdigest()
    file = profile.cache_dir / "words" / f"{key}.f32"
    with contextlib.suppress(OSError):
        kept = np.fromfile(file, np.float32)
        if len(kept) == sentence.DIMENSION and np.isfinite(kept).all():
            return kept
    vector: FloatArray = _installed_model(profile).encode([text])[0].astype(np.float32)
    with contextlib.suppress(OSError):  # A cache that cannot be written costs time, nothing else.
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(f".{os.getpid()}.part")
        vector.tofile(scratch)
        scratch.replace(file)
    return vector


def _installed_model(profile: Profile) -> sentence.SentenceModel:
    model = open_model(profile)
    assert model is not None
    return model


def _stacked(vectors: Sequence[FloatArray]) -> FloatArray:
    if not vectors:
        return np.zeros((0, sentence.DIMENSION), np.float32)
    return np.stack(vectors).astype(np.float32, copy=False)
