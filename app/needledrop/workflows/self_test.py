# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does this installation work? Each part is tried for real in a profile that is thrown away.

What is a fault of the installation or of this machine comes out as a failed line with a remedy, never as a traceback.
The window is not tried here: it has a process of its own (`gui.self_check`).
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from needledrop import __version__
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, shipped_dir
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.jobs.pool import Task, WorkerPool

PACKAGES = (
    "numpy", "scipy", "av", "opencv-python-headless", "soxr", "mutagen", "onnxruntime", "PySide6-Essentials",
)  # fmt: skip
OPTIONAL = frozenset({"onnxruntime", "PySide6-Essentials"})
LEAST_FREE_GB = 0.5
SCANNED_TRACKS = 2
REINSTALL = "Install Needledrop again."
_DECODED_S = 3.0
_REFERENCE_FRAMES = (75, 110, 150, 225)  # Three beats and a place between two.
_BEAT_REFERENCE = (0.83649, 0.01019, 0.84201, 0.83874)
_TEXT_REFERENCE = (0.03799, 0.00074, 0.0441, 0.06756)
_TOLERANCE = 2e-3


@dataclass(frozen=True)
class Check:
    """One line of the self-test. state: "ok", "failed" or "skipped"; remedy only where it failed."""

    name: str
    state: str
    detail: str
    remedy: str = ""
    elapsed_s: float = 0.0


class Skipped(Exception):
    """This cannot be tried here; the text says why."""


def self_test(profile: Profile, scratch: Profile) -> Iterator[Check]:
    """Try everything but the window; yields each line as it is known.

    Args:
        profile: The user's own: only whether its folders can be written is looked at.
        scratch: An empty profile for all that is made.
    """
    yield checked("versions", versions)
    yield checked("folders", lambda: folders(profile))
    yield checked("database", lambda: database(scratch))
    yield checked("decoders", decoders)
    yield checked("worker killed", worker_killed)
    yield checked("beat model", beat_model)
    yield checked("sentence model", lambda: sentence_model(scratch))
    yield checked("suggestion", lambda: suggestion(scratch))


def checked(name: str, probe: Callable[[], str]) -> Check:
    """Run one probe; whatever goes wrong is a line."""
    started = time.monotonic()
    try:
        state, detail, remedy = "ok", probe(), ""
    except Skipped as reason:
        state, detail, remedy = "skipped", str(reason), ""
    except KnownError as error:
        state, detail, remedy = "failed", error.sentence, error.remedy or REINSTALL
    except Exception as error:  # A part that is missing or damaged shows as anything at all.
        state, detail, remedy = "failed", f"{type(error).__name__}: {error}", REINSTALL
    return Check(name, state, detail, remedy, time.monotonic() - started)


def versions() -> str:
    """What runs here."""
    found = [f"needledrop {__version__}", f"Python {platform.python_version()}", platform.platform(terse=True)]
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            if package not in OPTIONAL:
                raise
            found.append(f"no {package}")
    return ", ".join(found)


def folders(profile: Profile) -> str:
    """Whether the profile's folders can be written and have room."""
    free_gb = []
    for folder in (profile.data_dir, profile.cache_dir, profile.config_dir):
        trial = folder / f"self-test-{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            trial.write_bytes(b"needledrop")
            trial.unlink()
        except OSError as error:
            raise KnownError(
                f"The folder {folder} cannot be written ({error.strerror}).",
                remedy="Make it yours, or start with --profile and another folder.",
                code="read-only",
            ) from error
        free_gb.append(shutil.disk_usage(folder).free / 1e9)
    if min(free_gb) < LEAST_FREE_GB:
        raise KnownError(
            f"Only {min(free_gb):.1f} GB are free at {profile.data_dir}.", remedy="Free some space.", code="disk-full"
        )
    return f"{profile.data_dir} and the others can be written, {min(free_gb):.0f} GB free"


def database(scratch: Profile) -> str:
    """Write a decision, back it up, change it, go back to the backup, read it."""
    from needledrop.workflows.browse import back_up, restore
    from needledrop.workflows.profiles import read_library, write_library

    with write_library(scratch, "self-test") as library:
        library.save_setting("self_test", "before")
    backup = back_up(scratch)
    with write_library(scratch, "self-test") as library:
        library.save_setting("self_test", "after")
    restore(scratch, backup)
    with read_library(scratch) as library:
        kept = library.setting("self_test")
    if kept != "before":
        raise KnownError(f"The backup gave back {kept!r}.", remedy="Check the disk for errors.", code="corrupt")
    return f"written, backed up, restored ({backup.stat().st_size // 1024} kB)"


def decoders() -> str:
    """Decode the beginning of each kind of file in the demo, as a scan does, in a worker."""
    media = shipped_dir("resources") / "demo"
    found = {path.suffix: path for path in sorted((media / "music").iterdir()) if path.suffix != ".json"}
    files = [*found.values(), media / "demo.mp4"]
    tasks = [Task(number, path.name, (os.fsencode(path),)) for number, path in enumerate(files)]
    heard = []
    for outcome in WorkerPool[str](DECODE_ENTRY, 1).run(tasks, CancelToken()):
        if outcome.fault is not None:
            raise outcome.fault
        heard.append(outcome.result or "")
    return ", ".join(sorted(heard))


DECODE_ENTRY = "needledrop.workflows.self_test:decode_some"
KILLED_ENTRY = "needledrop.workflows.self_test:die_or_answer"


def decode_some(report: Callable[[float], None], path: bytes) -> str:
    """Entry of a worker: the first seconds of a file's sound, and a picture where it has one; their codecs."""
    from needledrop.media.audio import read_audio
    from needledrop.media.probe import probe_audio, probe_video

    stream, _ = probe_audio(path)
    sound = read_audio(path, 0.0, _DECODED_S)
    name = os.fsdecode(path)
    if len(sound) == 0 or not np.any(sound):
        raise KnownError(f"{name} was decoded to silence.", remedy=REINSTALL, code="installation")
    if not name.endswith(".mp4"):
        return str(stream.codec)
    from needledrop.workflows.analysis import make_thumbnail

    video = probe_video(path)
    if not make_thumbnail(report, path, video.duration_s / 2, 90):
        raise KnownError(f"No picture of {name} could be made.", remedy=REINSTALL, code="installation")
    return f"{stream.codec} in mp4 with {video.width}x{video.height} pictures"


def worker_killed() -> str:
    """Kill a worker in the middle of its work: it costs that task, and the next one is done."""
    tasks = [Task(0, "a task that is killed", (True,)), Task(1, "a task after it", (False,))]
    outcomes = {one.key: one for one in WorkerPool[str](KILLED_ENTRY, 1).run(tasks, CancelToken())}
    fault, result = outcomes[0].fault, outcomes[1].result
    if fault is None or result != "alive":
        raise KnownError("A killed worker was not replaced.", remedy=REINSTALL, code="installation")
    return "its task failed, the next one was done"


def die_or_answer(report: Callable[[float], None], is_fatal: bool) -> str:
    """Entry of a worker that is killed, or is not."""
    if is_fatal:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return "alive"


def beat_model() -> str:
    """Run the network that hears beats over a made pattern; compare with what it gave when it was shipped."""
    from needledrop.core.models import shipped_tensors
    from needledrop.features.beat_network import BeatWeights, activations
    from needledrop.features.rhythm import BEAT_MODEL

    heard = activations(*made_pattern(), BeatWeights(**shipped_tensors(BEAT_MODEL)))
    found = heard.beat[list(_REFERENCE_FRAMES)]
    return _compared("beats", found, _BEAT_REFERENCE)


def sentence_model(scratch: Profile) -> str:
    """Convert and run the sentence model; compare one vector."""
    from needledrop.workflows.words import open_model

    model = open_model(scratch)
    if model is None:
        raise Skipped("it is not installed; texts are matched by their words")
    return _compared("the vector", model.encode(["calm at first, then a storm"])[0][:4], _TEXT_REFERENCE)


def made_pattern() -> tuple[np.ndarray, np.ndarray]:
    """Log-mel codes and chroma of six seconds that exist as formulas only: a beat each half second."""
    from needledrop.features.onsets import MEL_BANDS
    from needledrop.features.tonality import CHROMA_RATE_HZ

    frame, band = np.arange(600)[:, None], np.arange(MEL_BANDS)[None, :]
    codes = 60 + 120 * np.exp(-(frame % 50) / 8.0) * np.exp(-band / 30.0) + 20 * np.sin(0.7 * band + 0.01 * frame) ** 2
    steps = np.arange(int(6 * CHROMA_RATE_HZ))[:, None]
    chroma = 1.0 + np.cos(2 * np.pi * (np.arange(12)[None, :] - steps // 20) / 12)
    return codes.astype(np.uint8), (chroma / chroma.sum(axis=1, keepdims=True)).astype(np.float32)


def suggestion(scratch: Profile) -> str:
    """Scan some of the demo's music and suggest for its film."""
    from needledrop.workflows.first_steps import demo_film
    from needledrop.workflows.scan import scan
    from needledrop.workflows.suggest import Wish, suggest_music

    music = shipped_dir("resources") / "demo" / "music"
    cancel, workers = CancelToken(), os.cpu_count() or 1
    report = scan(scratch, [music], workers=workers, progress=ignore_progress, cancel=cancel, most=SCANNED_TRACKS)
    if report.failed:
        raise KnownError(
            f"{report.failed} tracks of the demo could not be analysed.", remedy=REINSTALL, code="installation"
        )
    answer = suggest_music(scratch, demo_film(), Wish(is_every_frame=False), ignore_progress, cancel)
    best = answer.suggestions[0]
    return f"{answer.tracks[best.track_id].name}: {best.cut_hits} of {best.cuts} cuts on beats"


def _compared(what: str, found: np.ndarray, reference: tuple[float, ...]) -> str:
    apart = float(np.abs(found - np.array(reference, np.float32)).max())
    if not apart <= _TOLERANCE:
        raise KnownError(
            f"{what} came out {apart:.4f} apart from the reference.",
            remedy="A library for numbers computes wrongly here. " + REINSTALL,
            cause=str(found.tolist()),
            code="model",
        )
    return f"{what} as when it was shipped (at most {apart:.1e} apart)"
