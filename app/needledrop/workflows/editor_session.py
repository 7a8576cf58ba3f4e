# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the verbs of the plugin protocol do (docs/plugin-protocol.md): suggest, list, audition, use, cancel, status.

Answers are plain values that JSON can say. Knows nothing of sockets; arguments come checked. Kept warm between
requests: the analysed videos, and what the first list has loaded.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop import __version__
from needledrop.core import log
from needledrop.core.edit import is_edit_file
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.job import JobState
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink, ignore_progress
from needledrop.library.lock import WriterLock as EngineLock
from needledrop.workflows.editor_jobs import EditorJob, EditorJobs, EditorQuestion
from needledrop.workflows.profiles import read_library

if TYPE_CHECKING:
    from needledrop.core.query import Suggestion
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.project import Selection
    from needledrop.workflows.suggest import Answer, Wish
    from needledrop.workflows.videos import AnalysedVideo

_OWN_FOLDER = "music for editors"
_KEPT_VIDEOS = 8
_LOOK_S = 0.1
_COUNT_LASTS_S = 2.0  # Plugins ask for the status all the time; the library need not be opened for each.
_Stamp = tuple[int, int, int]
__all__ = ["EditorSession", "EngineLock", "take_engine"]


class EditorSession:
    """The verbs on one profile. Every method may be called from any thread; `audition` and `use` take seconds."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._jobs = EditorJobs(self._answer)
        self._videos: dict[Path, tuple[_Stamp, AnalysedVideo]] = {}
        self._videos_lock = threading.Lock()
        self._tracks = (float("-inf"), 0)
        self._warming: threading.Thread | None = None
        self._warming_lock = threading.Lock()
        self._closing = CancelToken()

    @property
    def is_busy(self) -> bool:
        """Whether a list is being made."""
        return bool(self._jobs.running())

    def status(self) -> dict[str, Any]:
        """Version, number of tracks, running jobs.

        Raises:
            KnownError: the library cannot be read.
        """
        self._warm()
        counted_at, tracks = self._tracks
        if time.monotonic() - counted_at > _COUNT_LASTS_S:
            with read_library(self._profile) as library:
                tracks = len(library.track_ids(("present",)))
            self._tracks = (time.monotonic(), tracks)
        jobs = [
            {"job": job.job_id, "verb": "suggest", "state": str(job.state), **_progress(job)}
            for job in self._jobs.running()
        ]
        return {"version": __version__, "tracks": tracks, "jobs": jobs}

    def suggest(self, question: EditorQuestion) -> dict[str, Any]:
        """Begin a list.

        Raises:
            KnownError: "busy".
        """
        self._warm()
        return {"job": self._jobs.start(question).job_id}

    def listed(self, job_id: str) -> dict[str, Any]:
        """A list as far as it is there.

        Raises:
            KnownError: "no-job".
        """
        job = self._jobs.job(job_id)
        facts: dict[str, Any] = {"state": str(job.state), "progress": None, "notes": [], "suggestions": []}
        if job.state is JobState.RUNNING:
            facts["progress"] = _progress(job)
        if job.error is not None:
            facts["error"] = {"code": job.error.code, "sentence": job.error.sentence, "remedy": job.error.remedy}
        if job.answer is not None:
            tracks = job.answer.tracks
            facts["notes"] = list(job.answer.notes)
            facts["suggestions"] = [
                _entry(number, one, tracks[one.track_id]) for number, one in enumerate(job.answer.suggestions, start=1)
            ]
        return facts

    def ended(self, job_id: str) -> Future[None]:
        """Done once a job is over, however it ended.

        Raises:
            KnownError: "no-job".
        """
        return self._jobs.job(job_id).ended

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Stop a job, if it still runs.

        Raises:
            KnownError: "no-job".
        """
        self._jobs.cancel(job_id)
        return {}

    def audition(self, job_id: str, number: int) -> dict[str, Any]:
        """An entry as sound, in the cache.

        Raises:
            KnownError: there is no such entry, or its sound cannot be read or written.
        """
        from needledrop.workflows.editor_music import PlacedCue, bake_audition, frame_rate_of

        job = self._jobs.job(job_id)
        selection = _selection(job, number)
        with job.lock:
            placed = PlacedCue.of(selection, job.question.frame_rate or frame_rate_of(selection.video))
            return {"path": str(bake_audition(self._profile, selection, placed, self._closing))}

    def use(self, job_id: str, number: int, folder: Path | None = None) -> dict[str, Any]:
        """Bake an entry to stay and say where it goes; its track counts as used, once.

        Args:
            folder: Where the WAV is wanted; None takes a folder in the profile's data.

        Raises:
            KnownError: there is no such entry, or its sound cannot be read or written.
        """
        from needledrop.workflows.editor_music import PlacedCue, bake, frame_rate_of, placement_facts
        from needledrop.workflows.output import remember_use

        job = self._jobs.job(job_id)
        selection = _selection(job, number)
        with job.lock:  # Asked twice at once, it is baked and counted once.
            known = job.uses.get((number, folder))
            if known is not None and Path(known["wav"]).is_file():
                return known
            placed = PlacedCue.of(selection, job.question.frame_rate or frame_rate_of(selection.video))
            wav = bake(selection, placed, folder or self._profile.data_dir / _OWN_FOLDER, self._closing)
            facts = placement_facts(self._profile, placed, wav)
            if not any(used == number for used, _ in job.uses):
                remember_use(self._profile, selection)
            job.uses[number, folder] = facts
            return facts

    def close(self) -> None:
        """Stop every job and wait for it."""
        self._closing.cancel()
        self._jobs.close()
        if self._warming is not None:
            self._warming.join()

    def _warm(self) -> threading.Thread:
        """Load in the background what the first list needs: a plugin that says anything will ask for one."""
        with self._warming_lock:
            if self._warming is None:
                self._warming = threading.Thread(target=self._load, name="editor-warming")
                self._warming.start()
            return self._warming

    def _load(self) -> None:
        from needledrop.crossmodal.base_towers import shipped_towers
        from needledrop.index.embedded_clips import embedded_clips
        from needledrop.workflows import suggest  # noqa: F401  to have it loaded
        from needledrop.workflows.gallery import refresh_gallery

        try:
            with read_library(self._profile) as library:
                gallery = refresh_gallery(self._profile, library, ignore_progress, self._closing)
            embedded_clips(self._profile.gallery_dir, gallery, shipped_towers())
        except (KnownError, Cancelled) as error:  # The list that is asked for will say why.
            log.suggest.info("nothing was loaded ahead: %s", error)

    def _answer(self, question: EditorQuestion, progress: ProgressSink, cancel: CancelToken) -> Answer:
        from needledrop.workflows.edited_video import keyed_identity
        from needledrop.workflows.suggest import answer_range, range_of

        wish = self._wish(question)
        video = self._video(question.path, progress, cancel)
        if question.project_key:
            video = replace(video, content_hash=keyed_identity(question.project_key))
        _wait_for(self._warm(), cancel)
        time_range = range_of(wish, video.features.duration_s)
        with read_library(self._profile) as library:
            return answer_range(self._profile, library, video, time_range, wish, progress, cancel)

    def _wish(self, question: EditorQuestion) -> Wish:
        from needledrop.core.cue import MixTargets
        from needledrop.core.settings import Settings
        from needledrop.workflows.suggest import Wish

        settings = Settings.load(self._profile.config_dir)
        return Wish(
            in_s=question.in_s,
            out_s=question.out_s,
            text=question.text,
            likes=(str(question.like),) if question.like is not None else (),
            is_commercial=settings.is_on("commercial-project"),
            count=question.count,
            mix=MixTargets(settings.number("music-lufs"), settings.number("ducking-db")),
        )

    def _video(self, path: Path, progress: ProgressSink, cancel: CancelToken) -> AnalysedVideo:
        """A video that was asked about before, if its file is the same; a project is read anew each time."""
        from needledrop.workflows.videos import analysed_video

        stamp = _stamp(path)
        known = self._videos.get(path)
        if known is not None and stamp is not None and known[0] == stamp:
            return known[1]
        video = analysed_video(self._profile, path, progress, cancel)
        if stamp is not None:
            with self._videos_lock:  # Two jobs may end at once.
                self._videos[path] = (stamp, video)
                while len(self._videos) > _KEPT_VIDEOS:
                    del self._videos[next(iter(self._videos))]
        return video


def _wait_for(thread: threading.Thread, cancel: CancelToken) -> None:
    while thread.is_alive():
        cancel.check()
        thread.join(_LOOK_S)


def _stamp(path: Path) -> _Stamp | None:
    """What changes when a file does; None for what is not kept."""
    if is_edit_file(path):
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _progress(job: EditorJob) -> dict[str, Any]:
    progress = job.progress
    if progress is None:
        return {"title": "Waiting", "done": 0, "total": None}
    return {"title": progress.label, "done": progress.done, "total": progress.total}


def _entry(number: int, one: Suggestion, track: TrackRow) -> dict[str, Any]:
    facts = track.facts
    return {
        "number": number,
        "title": track.tags.title or track.name,
        "artist": track.tags.artist,
        "bpm": round(facts.tempo_bpm, 2) if facts.tempo_bpm else None,
        "key": facts.key_name or None,
        "duration_s": track.duration_s,
        "licence": track.licence.name,
        "match": min(1.0, max(0.0, one.score)),
        "reasons": [reason.text for reason in one.reasons],
        "warnings": list(one.warnings),
        "start_s": one.cue.record_in_s,
        "end_s": one.cue.record_out_s,
        "track_in_s": one.cue.pieces[0].source_in_s,
        "gain_db": one.cue.gain_db,
        "fade_in_s": one.cue.fade_in_s,
        "fade_out_s": one.cue.fade_out_s,
    }


def _selection(job: EditorJob, number: int) -> Selection:
    from needledrop.workflows.project import entry

    if job.answer is None:
        remedy = job.error.remedy if job.error is not None else "Wait until it is done, or ask for music again."
        raise KnownError("This list is not there.", remedy=remedy, code="not-ready")
    if not 1 <= number <= len(job.answer.suggestions):
        raise KnownError(
            f"The list has {len(job.answer.suggestions)} entries; there is no number {number}.",
            remedy="Choose one of the list.",
            code="no-entry",
        )
    return entry(job.answer, number)


def take_engine(profile: Profile) -> EngineLock | None:
    """The right to serve the plugins of a profile, to be released; None where another process has it.

    Raises:
        KnownError: the folder cannot be written.
    """
    try:
        return EngineLock(profile.bridge_dir / "engine", "serve")
    except KnownError as error:
        if error.code != "locked":
            raise
        return None
