# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: what a small stretch does to transients, tones, sustained sounds and real music, by each way there is.

The peers are python-stretch (Signalsmith), FFmpeg's atempo and the Rubber Band command line (R2 and R3). One row a way
and ratio; `ratio` is new length / old length, `x` the speed in CPU time. Spectral distances compare within a
ratio only.

    python tests/benchmarks/bench_stretch.py [--ratios 0.97 1.03] [TRACK ...]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from needledrop.features.spectrum import PowerSpectra, mel_bank
from needledrop.media.audio import read_audio

RATE = 48_000
SYNTHETIC_S = 8.0
Sound = NDArray[np.float32]
Stretcher = Callable[[Sound, float], Sound]
_RATIOS = (0.94, 0.97, 0.99, 1.01, 1.03, 1.06)
_TONES_HZ = (65.41, 110.0, 440.0, 1760.0)
_CHORD_HZ = (55.0, 73.42, 110.0, 220.0, 277.18, 1108.73)


def signalsmith(sound: Sound, ratio: float) -> Sound:
    """One call over the whole sound, default preset."""
    from python_stretch.Signalsmith import Stretch

    processor = Stretch(1)
    processor.preset(2, RATE)
    processor.setTimeFactor(1.0 / ratio)
    return np.ascontiguousarray(processor.process(np.ascontiguousarray(sound.T)).T)


def atempo(sound: Sound, ratio: float) -> Sound:
    """FFmpeg's filter through PyAV."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="stereo")
    tempo = graph.add("atempo", f"{1.0 / ratio:.9f}")
    sink = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    out = []
    for start in range(0, len(sound), 4096):
        frame = av.AudioFrame.from_ndarray(sound[start : start + 4096].reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate, frame.pts = RATE, start
        graph.push(frame)
        out += _pulled(graph)
    graph.push(None)
    out += _pulled(graph)
    return np.concatenate(out)


def _pulled(graph: av.filter.Graph) -> list[Sound]:
    frames = []
    while True:
        try:
            frames.append(np.asarray(graph.pull().to_ndarray(), np.float32).reshape(-1, 2))
        except (av.error.BlockingIOError, av.error.EOFError):
            return frames


def rubberband(*options: str) -> Stretcher:
    """The command line program of Rubber Band with these options."""

    def run(sound: Sound, ratio: float) -> Sound:
        with tempfile.TemporaryDirectory() as folder:
            before, after = Path(folder) / "in.wav", Path(folder) / "out.wav"
            soundfile.write(before, sound, RATE, subtype="FLOAT")
            words = ["rubberband", "-q", *options, "-t", f"{ratio:.9f}", str(before), str(after)]
            subprocess.run(words, check=True, capture_output=True)
            return soundfile.read(after, dtype="float32")[0]

    return run


def contenders() -> dict[str, Stretcher]:
    """Every way that is installed, by name."""
    from needledrop.mix.stretch import stretched

    ways: dict[str, Stretcher] = {"ours": stretched, "signalsmith": signalsmith, "atempo": atempo}
    if shutil.which("rubberband"):
        ways |= {"rubberband R2": rubberband("-2"), "rubberband R3": rubberband("-3")}
    return ways


def hits(seed: int = 0) -> tuple[Sound, NDArray[np.float64]]:
    """Drum hits every 0.5 s, alternately low and bright, over a quiet chord; and when they begin, in seconds."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(0.15 * RATE)) / RATE
    kick = np.sin(2 * np.pi * (55 * t + 3 * (1 - np.exp(-t * 40)))) * np.exp(-t * 25) * np.minimum(1.0, t * 2000)
    snare = rng.standard_normal(len(t)) * np.exp(-t * 45) * 0.5
    starts_s = 0.5 + 0.5 * np.arange(int(2 * SYNTHETIC_S) - 2)
    mono = np.zeros(round(SYNTHETIC_S * RATE))
    for number, start_s in enumerate(starts_s):
        at = round(start_s * RATE)
        mono[at : at + len(t)] += (kick, snare)[number % 2] * 0.6
    chord = sum(np.sin(2 * np.pi * hz * np.arange(len(mono)) / RATE) for hz in (220.0, 277.18, 329.63))
    mono += 0.02 * chord
    return np.stack([mono, mono], axis=1).astype(np.float32), starts_s


def sustained() -> Sound:
    """A chord of strings: twelve partials a note, slight vibrato, different in both channels."""
    t = np.arange(round(SYNTHETIC_S * RATE)) / RATE
    out = np.zeros((len(t), 2))
    rng = np.random.default_rng(4)
    for hz in (98.0, 146.83, 196.0, 246.94, 293.66):
        for channel in range(2):
            wobble = 0.15 * np.sin(2 * np.pi * (5.0 + rng.uniform(-0.3, 0.3)) * t + rng.uniform(0, 6))
            phase = 2 * np.pi * hz * t + wobble
            out[:, channel] += sum(np.sin(k * phase + rng.uniform(0, 6)) / k for k in range(1, 13))
    return (0.04 * out).astype(np.float32)


def log_mel(sound: Sound) -> NDArray[np.float64]:
    """Mel levels in dB [frames, 40] at 100 frames a second, down to -80 dB."""
    mono = sound.mean(axis=1).astype(np.float32)
    spectra = PowerSpectra(1024, RATE // 100)
    power = np.concatenate([*spectra.feed(mono), *spectra.finish()])
    levels = 10 * np.log10(power.astype(np.float64) @ mel_bank(RATE, 1024, 40, 40.0, 14_000.0) + 1e-8)
    return np.asarray(levels)


def spectral_distance_db(before: Sound, after: Sound, ratio: float) -> float:
    """Mean difference of mel levels between a sound and its stretch, at the same moments of the music."""
    old, new = log_mel(before), log_mel(after)
    at = np.arange(20, min(len(new), int(len(old) * ratio)) - 20)
    source = at / ratio
    low = np.floor(source).astype(int)
    share = (source - low)[:, None]
    there = old[low] * (1 - share) + old[low + 1] * share
    return float(np.abs(there - new[at]).mean())


def hit_errors(before: Sound, after: Sound, starts_s: NDArray[np.float64], ratio: float) -> tuple[float, float, float]:
    """Median and worst error of the hits' places in ms, and how much their attack weakens in dB.

    The place is where the hit's first 30 ms correlate best within 25 ms to each side; the attack is the energy of the
    first 5 ms over that of the 20 ms before.
    """
    errors, weaker = [], []
    reach, length = round(0.025 * RATE), round(0.03 * RATE)
    for start_s in starts_s:
        old_at, new_at = round(start_s * RATE), round(start_s * ratio * RATE)
        hit = before[old_at : old_at + length, 0].astype(np.float64)
        around = after[new_at - reach : new_at + reach + length, 0].astype(np.float64)
        if len(around) < 2 * reach + length:
            continue
        errors.append((int(np.correlate(around, hit, "valid").argmax()) - reach) / RATE * 1e3)
        weaker.append(_attack_db(before, old_at) - _attack_db(after, new_at))
    sizes = np.abs(errors)
    return float(np.median(sizes)), float(sizes.max()), float(np.mean(weaker))


def _attack_db(sound: Sound, at: int) -> float:
    rise = np.square(sound[at : at + RATE // 200].astype(np.float64)).mean()
    past = np.square(sound[at - RATE // 50 : at].astype(np.float64)).mean()
    return float(10 * np.log10((rise + 1e-9) / (past + 1e-9)))


def worst_cents(way: Stretcher, ratio: float) -> float:
    """The largest error of pitch among single tones, in cents."""
    t = np.arange(round(SYNTHETIC_S * RATE)) / RATE
    worst = 0.0
    for hz in _TONES_HZ:
        tone = (0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)
        out = way(np.stack([tone, tone], axis=1), ratio)[RATE:-RATE, 0].astype(np.float64)
        size = 1 << 21
        spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out)), size))
        worst = max(worst, abs(1200 * np.log2(spectrum.argmax() * RATE / size / hz)))
    return worst


def residue_db(way: Stretcher, ratio: float) -> float:
    """Energy that a steady chord of six sines, two of them low and close, gains beside them (5 Hz and more away)."""
    t = np.arange(round(SYNTHETIC_S * RATE)) / RATE
    chord = 0.1 * sum(np.sin(2 * np.pi * hz * t + number) for number, hz in enumerate(_CHORD_HZ))
    out = way(np.stack([chord, chord], axis=1).astype(np.float32), ratio)[RATE:-RATE, 0].astype(np.float64)
    power = np.square(np.abs(np.fft.rfft(out * np.blackman(len(out)))))
    hz = np.fft.rfftfreq(len(out), 1 / RATE)
    beside = np.abs(hz[:, None] - np.array(_CHORD_HZ)).min(axis=1) > 5.0
    return float(10 * np.log10(power[beside].sum() / power.sum() + 1e-12))


def onset_figures(before: Sound, after: Sound, ratio: float) -> tuple[float, float, float]:
    """Of real music's clear onsets: median and 90th percentile of their displacement in ms, and how much of their
    rise is left (median share)."""
    old, new = _flux(before), _flux(after)
    peaks = [at for at in range(100, len(old) - 100) if old[at] == old[at - 50 : at + 51].max()]
    peaks = [at for at in peaks if old[at] >= np.percentile(old[peaks], 50)]
    shifts, kept = [], []
    for peak in peaks:
        at = round(peak * ratio)
        if 50 < at < len(new) - 50:
            shifts.append(abs(_lag(new[at - 50 : at + 51], old[peak - 30 : peak + 31]) - 20 - (peak * ratio - at)))
            kept.append(new[at - 5 : at + 6].max() / old[peak])
    return float(np.median(shifts)), float(np.percentile(shifts, 90)), float(np.median(kept))


def _flux(sound: Sound) -> NDArray[np.float64]:
    """Rise of level within 10 ms at 1000 frames a second; the mono mix is differentiated, so that bass counts less."""
    mono = np.diff(sound.mean(axis=1).astype(np.float64))
    frames = np.square(mono[: len(mono) // 48 * 48]).reshape(-1, 48).mean(axis=1)
    level = np.log(np.convolve(frames, np.hanning(12)[1:-1], "same") + 1e-6)
    return np.maximum(np.concatenate([np.zeros(10), level[10:] - level[:-10]]), 0.0)


def _lag(around: NDArray[np.float64], part: NDArray[np.float64]) -> int:
    """Where in `around` the shape of `part` is met best, by normalised correlation."""
    windows = np.lib.stride_tricks.sliding_window_view(around, len(part))
    return int((windows @ part / np.sqrt(np.square(windows).sum(axis=1) + 1e-9)).argmax())


def _cpu_s() -> float:
    """CPU time of this process and of the programs it called."""
    return sum(os.times()[:4])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tracks", type=Path, nargs="*")
    parser.add_argument("--ratios", type=float, nargs="+", default=list(_RATIOS))
    parser.add_argument("--ways", nargs="+", help="only these, by name")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each track, from 20 s on")
    options = parser.parse_args()
    tracks = [read_audio(path, 20.0, 20.0 + options.seconds) for path in options.tracks]
    drums, starts_s = hits()
    strings = sustained()
    print(
        "way            ratio  hit ms (worst)  attack dB  cents  residue dB  strings dB |"
        " music dB  onset ms (p90)  kept   x"
    )
    for name, way in contenders().items():
        for ratio in options.ratios if options.ways is None or name in options.ways else ():
            place, worst, weaker = hit_errors(drums, way(drums, ratio), starts_s, ratio)
            held = spectral_distance_db(strings, way(strings, ratio), ratio)
            row = f"{name:14s} {ratio:5.2f}  {place:6.2f} ({worst:5.2f})  {weaker:9.1f}  {worst_cents(way, ratio):5.2f}"
            row += f"  {residue_db(way, ratio):10.1f}  {held:10.2f} |"
            print(row + _music_cells(way, tracks, ratio), flush=True)


def _music_cells(way: Stretcher, tracks: list[Sound], ratio: float) -> str:
    if not tracks:
        return ""
    figures = []
    for track in tracks:
        began = _cpu_s()
        out = way(track, ratio)
        speed = len(track) / RATE / (_cpu_s() - began)
        figures.append((spectral_distance_db(track, out, ratio), *onset_figures(track, out, ratio), speed))
    distance, shift, worse, kept, speed = np.mean(figures, axis=0)
    return f" {distance:8.2f}  {shift:5.2f} ({worse:5.2f})  {kept:4.2f}  {speed:4.0f}"


if __name__ == "__main__":
    main()
