# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scan: make the library agree with the music folders, then analyse what is new.

Two passes. The first finds out which files are new, changed, moved or gone, and reads tags only, so the library can be
browsed at once. The second analyses every track whose features are missing or stale. Whatever is finished is committed
at once: a scan that is stopped, killed or crashes goes on where it was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.job import JobRecord, JobState
from needledrop.core.music import Loudness, Rhythm, Tonality
from needledrop.core.packing import unpack
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.jobs.pool import Outcome, Task, WorkerPool, in_order
from needledrop.library.library import Library
from needledrop.library.rows import FoundFile, Root, ScanBatch, ScanCounts, TrackFacts
from needledrop.workflows import discover
from needledrop.workflows.analysis import IDENTITY_ENTRY, MUSIC_ENTRY, Analysis, Identity
from needledrop.workflows.duplicates import join_recordings
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.rhythms import effective_rhythm
from needledrop.workflows.words import embed_words

T = TypeVar("T")
BATCH_FILES = 50
BATCH_S = 2.0
_PASSING_CODES = {"missing", "unreadable"}  # A right or a drive may be given back without a change of the file.
_LOCKED_PAUSE_S = 1.0


@dataclass
class ScanReport:
    """What a scan did. `offline` and `unreadable` name folders that could not be looked at."""

    counts: ScanCounts = field(default_factory=ScanCounts)
    files: int = 0
    unchanged: int = 0
    analysed: int = 0
    failed: int = 0
    duplicates: int = 0
    problems: int = 0
    elapsed_s: float = 0.0
    offline: list[str] = field(default_factory=list)
    unreadable: list[KnownError] = field(default_factory=list)


def scan(
    profile: Profile,
    folders: Sequence[Path],
    *,
    workers: int,
    progress: ProgressSink,
    cancel: CancelToken,
    is_retry: bool = False,
    most: int | None = None,
) -> ScanReport:
    """Scan `folders` (all known ones where none is named).

    Args:
        is_retry: also try files again that failed and have not changed since.
        most: Take in only so many new files, from all over the folders, and analyse only so many tracks: a sample to
            begin with. The next scan goes on.

    Raises:
        KnownError: no folder to scan, or the library cannot be written.
        Cancelled: stopped by the user; finished work is kept.
    """
    watch = Stopwatch()
    with write_library(profile, "scan") as library:
        scanner = _Scanner(profile, library, workers, progress, cancel, most)
        job = JobRecord(f"scan-{time.time_ns()}", "scan", time.time(), JobState.RUNNING, 0, None)
        library.save_job(job)
        ending, reason = JobState.FAILED, ""
        try:
            scanner.run(_roots(library, folders), is_retry=is_retry)
            ending = JobState.DONE
        except KnownError as error:
            reason = error.sentence
            raise
        finally:
            if cancel.is_cancelled:
                ending = JobState.CANCELLED
            _close_job(library, job, ending, scanner.report.analysed, reason)
        scanner.report.elapsed_s = watch.elapsed_s
        return scanner.report


def _close_job(library: Library, job: JobRecord, state: JobState, done: int, reason: str) -> None:
    """Write how the job ended; a library that cannot be written must not hide why it ended."""
    try:
        library.save_job(JobRecord(job.job_id, job.verb, job.started_at, state, done, None, reason))
    except KnownError as error:
        log.scan.warning("job record not saved: %s", error)


def _roots(library: Library, folders: Sequence[Path]) -> list[Root]:
    known = {root.path: root for root in library.roots()}
    if not folders:
        if not known:
            raise KnownError(
                "There is no music folder yet.", remedy="Name one: needledrop scan ~/Music", code="no-folders"
            )
        return list(known.values())
    chosen: dict[int, Root] = {}
    for folder in folders:
        path = os.path.abspath(folder)  # noqa: PTH100  resolve() would follow links
        if os.fsencode(path) not in known and not Path(path).is_dir():
            what = "is a file, not a folder" if Path(path).exists() else "does not exist"
            raise KnownError(f"{display_path(path)} {what}.", remedy="Name a folder with music in it.", code="missing")
        root = library.add_root(Path(path))
        chosen[root.id] = root
    return list(chosen.values())


class _Scanner:
    """One scan of one open library."""

    def __init__(
        self,
        profile: Profile,
        library: Library,
        workers: int,
        progress: ProgressSink,
        cancel: CancelToken,
        most: int | None = None,
    ) -> None:
        self._profile = profile
        self._most = most
        self._library = library
        self._workers = workers
        self._progress = progress
        self._cancel = cancel
        self.report = ScanReport()

    def run(self, roots: Sequence[Root], *, is_retry: bool) -> None:
        """Both passes over the given folders, then what depends on the whole library."""
        if is_retry:
            for root in roots:
                self._library.clear_problems_below(Path(os.fsdecode(root.path)))
        for root in roots:
            self._refresh_root(root)
        analysed = self._analyse_stale()
        self.report.duplicates = join_recordings(self._library, analysed, self._cancel)
        embed_words(self._profile, self._library, self._progress, self._cancel)
        refresh_gallery(self._profile, self._library, self._progress, self._cancel)
        self.report.problems = len(self._library.problems())

    def _refresh_root(self, root: Root) -> None:
        if self._library.is_offline(root):
            self._library.mark_offline(root.id)
            self.report.offline.append(root.display)
            return
        self._library.mark_online(root.id)
        self._forget_passing_problems(root)
        found = self._discover(root)
        self.report.files += len(found.files)
        known = self._library.known_files(root.id)
        failed = self._library.known_problems()
        fresh = []
        for file in found.files:
            row = known.get(file.path)
            is_known = row is not None and row.state == "present" and (row.size, row.mtime_ns) == _stamp(file)
            if is_known or failed.get(file.path) == _stamp(file):
                self.report.unchanged += 1
            else:
                fresh.append(file)
        chosen = _spread(fresh, self._most)
        broken = self._identify(root, chosen)
        self._sweep(root, found, set(known), broken & known.keys(), failed)
        if len(chosen) == len(fresh):
            self._library.mark_scanned(root.id)

    def _forget_passing_problems(self, root: Root) -> None:
        passing = [problem.path for problem in self._library.problems() if problem.code in _PASSING_CODES]
        passing = [path for path in passing if _is_at_or_below(root.path, path)]
        if passing:
            self._library.clear_problems(passing)

    def _discover(self, root: Root) -> discover.Discovery:
        from needledrop.media.suffixes import SUPPORTED_SUFFIXES

        if not os.path.lexists(root.path):  # The drive is there, the folder is not: its files are gone.
            return discover.Discovery()
        found = discover.discover(root.path, SUPPORTED_SUFFIXES, self._cancel)
        for path, fault in found.faults:
            self.report.unreadable.append(fault)
            self._library.put_problem(path, fault, size=0, mtime_ns=0)
        return found

    def _identify(self, root: Root, files: Sequence[discover.FoundFile]) -> set[bytes]:
        """Read tags and identity of new and changed files; commit every BATCH_FILES files or BATCH_S seconds.

        In the order of their paths, whichever worker is faster, so that two scans of a folder number its tracks alike.
        Returns the paths of those that failed.
        """
        batch: list[FoundFile] = []
        broken: set[bytes] = set()
        committed_at = time.monotonic()
        try:
            for outcome in in_order(self._identities(files)):
                file = files[outcome.key]
                if outcome.result is None:
                    self._keep_problem(file.path, _stamp(file), outcome.fault)
                    broken.add(file.path)
                    continue
                batch.append(_found(file, outcome.result))
                if len(batch) >= BATCH_FILES or time.monotonic() - committed_at > BATCH_S:
                    self._commit(root, batch)
                    committed_at = time.monotonic()
        finally:
            self._commit(root, batch)
        return broken

    def _identities(self, files: Sequence[discover.FoundFile]) -> Iterator[Outcome[Identity]]:
        watch, pool = Stopwatch(), WorkerPool[Identity](IDENTITY_ENTRY, self._workers)
        tasks = (Task(key, display_path(file.path), (file.path,)) for key, file in enumerate(files))
        for done, outcome in enumerate(pool.run(tasks, self._cancel), start=1):
            name = _name(files[outcome.key].path)
            self._progress(Progress("Reading tags", done, len(files), watch.elapsed_s, name))
            yield outcome

    def _commit(self, root: Root, batch: list[FoundFile]) -> None:
        if not batch:
            return
        self.report.counts += self._library.apply_scan(ScanBatch(root.id, found=tuple(batch)))
        self._library.clear_problems([file.path for file in batch])
        batch.clear()

    def _sweep(
        self,
        root: Root,
        found: discover.Discovery,
        known: set[bytes],
        broken: set[bytes],
        failed: dict[bytes, tuple[int, int]],
    ) -> None:
        """Only now, after a walk that came to its end, can a file be called missing.

        What the library knew of a file that is broken now is missing as well: nobody can play it any more.
        """
        faulty = [path for path, _ in found.faults]
        there = {file.path for file in found.files}
        lost = {path for path in known - there if not any(_is_at_or_below(fault, path) for fault in faulty)}
        gone = tuple(sorted(lost | broken))
        self.report.counts += self._library.apply_scan(ScanBatch(root.id, gone=gone, is_whole_walk=True))
        settled = {path for path in failed if _is_at_or_below(root.path, path)} - there - set(faulty)
        self._library.clear_problems(sorted(settled))

    def _analyse_stale(self) -> list[int]:
        """Analyse every present track whose features are missing or of an older version; returns those done."""
        from needledrop.features.music import FEATURE_VERSIONS

        ids = _spread(self._library.stale_tracks(FEATURE_VERSIONS), self._most)
        watch, pool = Stopwatch(), WorkerPool[Analysis](MUSIC_ENTRY, self._workers)
        analysed = []
        for done, outcome in enumerate(pool.run(self._music_tasks(ids), self._cancel), start=1):
            track = self._library.track(outcome.key)
            self._progress(Progress("Analysing music", done, len(ids), watch.elapsed_s, track.name))
            if outcome.result is None:
                file = self._library.file(track.file_path)
                stamp = (file.size, file.mtime_ns) if file is not None else (0, 0)
                self._keep_problem(track.path, stamp, outcome.fault)
                continue
            packed = outcome.result.packed
            facts = TrackFacts.of(
                effective_rhythm(self._library, outcome.key, unpack(Rhythm, packed["rhythm"])),
                unpack(Tonality, packed["tonality"]),
                unpack(Loudness, packed["loudness"]),
            )
            sets = {name: (FEATURE_VERSIONS[name], blob) for name, blob in packed.items()}
            self._library.put_features(outcome.key, sets, facts)
            self.report.analysed += 1
            analysed.append(outcome.key)
        return analysed

    def _music_tasks(self, ids: Sequence[int]) -> Iterator[Task]:
        for track_id, track in self._library.tracks(ids).items():
            yield Task(track_id, track.display_path, (track.path,))

    def _keep_problem(self, path: bytes, stamp: tuple[int, int], fault: KnownError | None) -> None:
        assert fault is not None
        self.report.failed += 1
        log.scan.warning("%s: %s", display_path(path), fault.sentence)
        self._library.put_problem(path, fault, size=stamp[0], mtime_ns=stamp[1])


def _spread(items: Sequence[T], most: int | None) -> Sequence[T]:
    """So many of the items, evenly from first to last; all of them for None."""
    if most is None or len(items) <= most:
        return items
    return [items[number * len(items) // most] for number in range(most)]


def _stamp(file: discover.FoundFile) -> tuple[int, int]:
    return file.size, file.mtime_ns


def _is_at_or_below(folder: bytes, path: bytes) -> bool:
    separator = os.fsencode(os.sep)
    return path == folder or path.startswith(folder.rstrip(separator) + separator)


def _name(path: bytes) -> str:
    return display_path(os.path.basename(path))  # noqa: PTH119  a bytes path


def _found(file: discover.FoundFile, identity: Identity) -> FoundFile:
    return FoundFile(
        file.path,
        file.size,
        file.mtime_ns,
        file.inode,
        file.device,
        identity.content_hash,
        identity.tags,
        identity.licence,
        identity.duration_s,
        identity.codec,
        identity.sample_rate,
        identity.channels,
    )


def watch(profile: Profile, *, workers: int, progress: ProgressSink, cancel: CancelToken) -> Iterator[ScanReport]:
    """Wait for changes in all known folders; scan and yield a report after each. Ends when the token is set."""
    from needledrop.jobs.watch import changed_paths

    with read_library(profile) as library:
        folders = [Path(os.fsdecode(root.path)) for root in library.roots()]
    for paths in changed_paths([folder for folder in folders if folder.is_dir()], cancel):
        report = _scan_when_free(profile, workers, progress, cancel)
        if paths or report.counts != ScanCounts() or report.failed:
            yield report


def _scan_when_free(profile: Profile, workers: int, progress: ProgressSink, cancel: CancelToken) -> ScanReport:
    """Scan all known folders, once no other process (an edit, a backup) writes to the library."""
    while True:
        try:
            return scan(profile, (), workers=workers, progress=progress, cancel=cancel)
        except KnownError as error:
            if error.code != "locked":
                raise
        cancel.check()
        time.sleep(_LOCKED_PAUSE_S)
