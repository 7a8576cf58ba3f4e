# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heart of the product as one call: a video and a wish in, playable cues with reasons out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from needledrop.core.cue import MixTargets
from needledrop.core.errors import KnownError
from needledrop.core.music import Clips, Loudness, Tonality
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.query import Filters, Query, Ranker, Suggestion
from needledrop.core.times import TimeRange, format_time
from needledrop.crossmodal.base_towers import BaseTowers, shipped_towers
from needledrop.index.embedded_clips import embedded_clips
from needledrop.index.gallery import Gallery
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow
from needledrop.suggest.content import ContentMatcher
from needledrop.suggest.details import DetailsLoader, TrackDetails
from needledrop.suggest.engine import suggest
from needledrop.suggest.learned import LearnedMatcher
from needledrop.workflows.found_words import FoundWord, FoundWords, found_words
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.known_tags import Caption, KnownTags, known_tags
from needledrop.workflows.past_uses import past_uses
from needledrop.workflows.profiles import read_library
from needledrop.workflows.references import Reference, references_of, same_recordings, temp_reference
from needledrop.workflows.rhythms import effective_rhythms
from needledrop.workflows.stored_features import unpacked
from needledrop.workflows.taste import taste_opinion
from needledrop.workflows.taste_weights import ranking_weights
from needledrop.workflows.videos import AnalysedVideo, analysed_video
from needledrop.workflows.words import text_scores

_LONGEST_DENOMINATOR = 1_000_000


@dataclass(frozen=True)
class Wish:
    """What the user asked for. in_s and out_s bound the range (None: the ends of the video); each of `likes` is the id
    of a track or the path of a file with sound; is_like_temp means the music inside the video too; is_reference_offered
    leaves the references themselves in the list; has_found_words uses what is found about the video where no text is
    given; licences are names the user allows, keys such as "D min"; genres, collections
    and folder leave out everything else;
    excluded_track_ids are left out besides the blocked artists' tracks; count is the length of the list.
    """

    in_s: Fraction | None = None
    out_s: Fraction | None = None
    text: str = ""
    has_found_words: bool = True
    likes: tuple[str, ...] = ()
    is_like_temp: bool = False
    is_reference_offered: bool = False
    bpm_range: tuple[float, float] | None = None
    licences: frozenset[str] = frozenset()
    is_commercial: bool = False
    is_used_excluded: bool = False
    duration_range_s: tuple[float, float] | None = None
    keys: frozenset[str] = frozenset()
    genres: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    folder: Path | None = None
    excluded_track_ids: frozenset[int] = frozenset()
    is_every_frame: bool = True
    count: int = 10
    mix: MixTargets = field(default_factory=MixTargets)


@dataclass(frozen=True)
class Answer:
    """The list, the tracks it names, and what the user should know about how it came about. words are those that were
    found about the video and used; none where the user gave a text. tags are what the semantic pack named of these
    tracks, where it is installed."""

    video: AnalysedVideo
    time_range: TimeRange
    suggestions: Sequence[Suggestion]
    tracks: Mapping[int, TrackRow]
    library_size: int
    notes: tuple[str, ...]
    versions: Mapping[str, int | str]
    words: FoundWords = field(default_factory=FoundWords)
    tags: Mapping[int, Caption] = field(default_factory=dict)


def suggest_music(
    profile: Profile, video_path: Path, wish: Wish, progress: ProgressSink, cancel: CancelToken
) -> Answer:
    """Rank the library for a video (or a range of it), and place a cue for each of the best.

    Raises:
        KnownError: the video cannot be read, the range lies outside it, the reference cannot be read.
        Cancelled: stopped by the user.
    """
    video = analysed_video(profile, video_path, progress, cancel, is_every_frame=wish.is_every_frame)
    time_range = range_of(wish, video.features.duration_s)
    with read_library(profile) as library:
        return answer_range(profile, library, video, time_range, wish, progress, cancel)


def answer_range(
    profile: Profile,
    library: Library,
    video: AnalysedVideo,
    time_range: TimeRange,
    wish: Wish,
    progress: ProgressSink,
    cancel: CancelToken,
    references: Sequence[Reference] | None = None,
) -> Answer:
    """The list for one range of an analysed video. Who asks for many ranges gives the wish's `references` once."""
    gallery = refresh_gallery(profile, library, progress, cancel)
    notes = list(video.edit.notes) if video.edit is not None else []
    if references is None:
        references = wished_references(profile, library, gallery, video, time_range, wish, cancel)
    known = known_tags(profile, library)
    seen = known.videos.get(video.content_hash, ())
    words = _words(profile, video, seen, wish, cancel, notes) if gallery.track_count else FoundWords()
    model = _model(notes)
    query = Query(
        video=video.features,
        time_range=time_range,
        text=wish.text,
        text_scores=_text_scores(profile, library, wish.text, known, notes),
        found_text=words.text,
        found_scores=text_scores(profile, library, words.text, known.tracks).scores if words.words else None,
        like_vectors=tuple(reference.vector for reference in references),
        tag_agreements=known.agreements(video.content_hash),
        past_uses=past_uses(profile, library, video, time_range, model) if model is not None else {},
        filters=_filters(library, video, wish),
        mix=wish.mix,
    )
    details = details_loader(library, known)
    ranker = _ranker(profile, library, gallery, model, details, notes)
    left_out = () if wish.is_reference_offered else references
    suggestions = _suggestions_without(left_out, query, ranker, gallery, library, details, wish.count, notes)
    _add_notes_on_the_library(library, gallery, notes)
    tracks = library.tracks([suggestion.track_id for suggestion in suggestions])
    versions: dict[str, int | str] = {**gallery.feature_versions, "ranker": ranker.name}
    tags = {track_id: known.tracks[track_id] for track_id in tracks if track_id in known.tracks}
    return Answer(video, time_range, suggestions, tracks, gallery.track_count, tuple(notes), versions, words, tags)


def wished_references(
    profile: Profile,
    library: Library,
    gallery: Gallery,
    video: AnalysedVideo,
    time_range: TimeRange,
    wish: Wish,
    cancel: CancelToken,
) -> list[Reference]:
    """What the music is to sound like; temp music is sought inside the range.

    Raises:
        KnownError: a reference cannot be read or is no music, or there is no temp music.
    """
    references = references_of(profile, library, gallery, wish.likes, cancel)
    if wish.is_like_temp:
        references.append(temp_reference(library, gallery, video, time_range, cancel))
    return references


def range_of(wish: Wish, duration_s: float) -> TimeRange:
    """The wished range of a video of this length; an out-point beyond the end means the end.

    Raises:
        KnownError: the in-point lies behind the end, or the range is empty.
    """
    end_s = Fraction(duration_s).limit_denominator(_LONGEST_DENOMINATOR)
    in_s = wish.in_s or Fraction(0)
    if in_s >= end_s:
        raise KnownError(
            f"The in-point {format_time(float(in_s))} lies behind the end of the video ({format_time(duration_s)}).",
            remedy="Choose an earlier in-point.",
            code="bad-range",
        )
    return TimeRange(in_s, min(end_s, wish.out_s if wish.out_s is not None else end_s))


def _model(notes: list[str]) -> BaseTowers | None:
    """The model that ships; None, with a word, where it cannot be loaded."""
    try:
        return shipped_towers()
    except KnownError as error:
        notes.append(f"Ranked without what was learned: {error.sentence} {error.remedy}")
        return None


def _ranker(
    profile: Profile,
    library: Library,
    gallery: Gallery,
    model: BaseTowers | None,
    details: DetailsLoader,
    notes: list[str],
) -> Ranker:
    """The learned matcher; the content matcher where there is no model."""
    if model is None:
        return ContentMatcher(gallery)
    embedded = embedded_clips(profile.gallery_dir, gallery, model)
    taste = taste_opinion(profile, library, gallery, embedded, model, notes)
    return LearnedMatcher(gallery, embedded, model, details, ranking_weights(profile, gallery, model), taste)


def details_loader(library: Library, known: KnownTags | None = None) -> DetailsLoader:
    """What ranking and placement need to know of tracks, read from the library when first asked for."""
    tags = known.tracks if known is not None else {}
    read: dict[int, TrackDetails] = {}

    def load(ids: Sequence[int]) -> Mapping[int, TrackDetails]:
        read.update(_read(library, [track_id for track_id in ids if track_id not in read], tags))
        return {track_id: read[track_id] for track_id in ids if track_id in read}

    return load


def _read(library: Library, ids: Sequence[int], tags: Mapping[int, Caption]) -> dict[int, TrackDetails]:
    rows = library.tracks(ids)
    rhythm, tonality = effective_rhythms(library, ids), unpacked(library, ids, Tonality, "tonality")
    loudness, clips = unpacked(library, ids, Loudness, "loudness"), unpacked(library, ids, Clips, "clips")
    whole = rows.keys() & rhythm.keys() & tonality.keys() & loudness.keys() & clips.keys()
    return {
        track_id: TrackDetails(
            track_id,
            row.tags.title or row.name,
            row.tags.artist,
            row.tags.album,
            " ".join(word for word in (row.tags.genre, row.tags.mood) if word),
            row.licence,
            row.duration_s,
            rhythm[track_id],
            tonality[track_id],
            loudness[track_id],
            clips[track_id],
            tags.get(track_id, ()),
        )
        for track_id, row in rows.items()
        if track_id in whole
    }


def _text_scores(
    profile: Profile, library: Library, text: str, known: KnownTags, notes: list[str]
) -> Mapping[int, float] | None:
    if not text.strip():
        return None
    found = text_scores(profile, library, text, known.tracks)
    if found.method == "full-text":
        notes.append("Words were matched as they are written: the sentence model (extra `text`) is not installed.")
    return found.scores


def _words(
    profile: Profile, video: AnalysedVideo, seen: Caption, wish: Wish, cancel: CancelToken, notes: list[str]
) -> FoundWords:
    """The words found about the video, and what a model named of its pictures, unless the user gave a text or wants
    none."""
    if wish.text.strip() or not wish.has_found_words:
        return FoundWords()
    try:
        found = found_words(profile, video.path, cancel, [FoundWord(tag, "pictures") for tag in seen])
    except KnownError as error:  # The list is what was asked for; words are a help.
        notes.append(f"No words were looked for in the file: {error.sentence}")
        return FoundWords()
    notes.extend(found.notes)
    if found.words:
        notes.append(f"Words found about the video: {found.text}. Change them: --text; leave them out: --no-words")
    return found


def _suggestions_without(
    references: Sequence[Reference],
    query: Query,
    ranker: Ranker,
    gallery: Gallery,
    library: Library,
    details: DetailsLoader,
    count: int,
    notes: list[str],
) -> list[Suggestion]:
    """The list, in which nothing is a recording or a version of the references."""
    own = frozenset[int]().union(*(reference.own_track_ids for reference in references))
    while True:
        excluded = query.filters.excluded_track_ids | own
        asked = dataclasses.replace(query, filters=dataclasses.replace(query.filters, excluded_track_ids=excluded))
        suggestions = suggest(asked, ranker, gallery, details, count)
        found = same_recordings(library, references, [one.track_id for one in suggestions])
        if not found:
            break
        own |= found
    if own and len(own) >= gallery.track_count:
        notes.append("The library holds nothing but the reference. Offer it: --offer-reference, or scan more music.")
    elif own:
        tracks_are = "1 track is" if len(own) == 1 else f"{len(own):,} tracks are"
        notes.append(f"{tracks_are} the reference or a version of it and left out. Offer: --offer-reference")
    if gallery.track_count > len(own) and not suggestions:
        notes.append("No track passes the filters. Widen --bpm or --licence.")
    return suggestions


def _add_notes_on_the_library(library: Library, gallery: Gallery, notes: list[str]) -> None:
    unanalysed = len(library.track_ids(("present",))) - gallery.track_count
    if unanalysed > 0:
        tracks_are = "1 track is" if unanalysed == 1 else f"{unanalysed:,} tracks are"
        notes.append(f"{tracks_are} not analysed yet and left out. Analyse: needledrop scan")
    elif not gallery.track_count:
        notes.append("The library is empty. Add music first: needledrop scan ~/Music")


def _filters(library: Library, video: AnalysedVideo, wish: Wish) -> Filters:
    excluded = set(wish.excluded_track_ids)
    if wish.is_used_excluded:
        project = library.project_of(video.content_hash)
        excluded |= library.used_track_ids(except_project_id=project.id if project else None)
    if wish.keys or wish.genres or wish.collections or wish.folder is not None:
        excluded |= library.tracks_outside(
            keys=wish.keys, genres=wish.genres, collections=wish.collections, folder=wish.folder
        )
    excluded |= library.tracks_by(library.blocked_artists())
    return Filters(
        bpm_range=wish.bpm_range,
        licences=wish.licences,
        is_commercial=wish.is_commercial,
        duration_range_s=wish.duration_range_s,
        excluded_track_ids=frozenset(excluded),
    )
