// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * A sequence in plain values, as an OpenTimelineIO file and as a question to Needledrop. Knows nothing of Premiere.
 *
 * Frames count from the first frame of the sequence, whatever its timecode says.
 */
"use strict";

const TICKS_PER_SECOND = 254016000000n;
/** "Audio 3", "A3", in any language: no name that somebody gave, and so no word about the film. */
const DEFAULT_NAME = /^\p{L}+ ?\d+$/u;

/**
 * Exact frames a second of a sequence.
 *
 * @param {bigint} ticksPerFrame
 * @returns {{numerator: number, denominator: number}}
 */
function rateOf(ticksPerFrame) {
  const common = greatestDivisor(TICKS_PER_SECOND, ticksPerFrame);
  return { numerator: Number(TICKS_PER_SECOND / common), denominator: Number(ticksPerFrame / common) };
}

function greatestDivisor(a, b) {
  return b === 0n ? a : greatestDivisor(b, a % b);
}

/** The nearest whole frame of a moment in ticks. */
function frameOf(ticks, ticksPerFrame) {
  return Number((2n * ticks + ticksPerFrame) / (2n * ticksPerFrame));
}

function perSecond(rate) {
  return rate.numerator / rate.denominator;
}

/**
 * The arguments of `suggest`.
 *
 * @param {object} timeline of readTimeline
 * @param {string} project the path of the timeline file
 * @param {string} words
 */
function questionOf(timeline, project, words) {
  const { rate, first, end } = timeline;
  const args = {
    project,
    in_s: first / perSecond(rate),
    out_s: end / perSecond(rate),
    frame_rate: `${rate.numerator}/${rate.denominator}`,
  };
  if (words.trim()) {
    args.text = words.trim();
  }
  return args;
}

/** The range as a line: "0:04:00 to 1:12:12 · 68.5 s". */
function rangeWords(timeline) {
  const { rate, first, end } = timeline;
  const whole = Math.max(1, Math.round(perSecond(rate)));
  const clock = (frame) => {
    const seconds = Math.floor(frame / whole);
    const parts = [Math.floor(seconds / 60), seconds % 60, frame % whole];
    return `${parts[0]}:${String(parts[1]).padStart(2, "0")}:${String(parts[2]).padStart(2, "0")}`;
  };
  return `${clock(first)} to ${clock(end)} · ${((end - first) / perSecond(rate)).toFixed(1)} s`;
}

/** The timeline as OpenTimelineIO's JSON: pictures first, each track from the lowest. */
function asOtio(timeline) {
  const tracks = timeline.tracks.filter((track) => track.clips.length).map((track) => trackOf(track, timeline.rate));
  return {
    OTIO_SCHEMA: "Timeline.1",
    name: timeline.name,
    global_start_time: timeOf(0, timeline.rate),
    tracks: { OTIO_SCHEMA: "Stack.1", name: "tracks", children: tracks },
  };
}

function trackOf(track, rate) {
  const children = [];
  let at = 0;
  for (const clip of [...track.clips].sort((a, b) => a.first - b.first)) {
    if (clip.first > at) {
      children.push({ OTIO_SCHEMA: "Gap.1", name: "", source_range: rangeOf(0, clip.first - at, rate) });
    }
    children.push(clipOf(clip, rate));
    at = clip.end;
  }
  const name = DEFAULT_NAME.test(track.name) ? "" : track.name;
  return { OTIO_SCHEMA: "Track.1", name, kind: track.isSound ? "Audio" : "Video", children };
}

function clipOf(clip, rate) {
  const effects =
    clip.speed === 1
      ? []
      : [{ OTIO_SCHEMA: "LinearTimeWarp.1", effect_name: "LinearTimeWarp", time_scalar: clip.speed }];
  const reference = clip.media
    ? { OTIO_SCHEMA: "ExternalReference.1", target_url: addressOf(clip.media), available_range: null }
    : { OTIO_SCHEMA: "MissingReference.1", name: clip.name };
  return {
    OTIO_SCHEMA: "Clip.2",
    name: clip.name,
    source_range: rangeOf(clip.sourceInSeconds * perSecond(rate), clip.end - clip.first, rate),
    effects,
    media_references: { DEFAULT_MEDIA: reference },
    active_media_reference_key: "DEFAULT_MEDIA",
  };
}

/** A path of macOS or Windows as an address. */
function addressOf(path) {
  const forward = path.replaceAll("\\", "/");
  const encoded = forward
    .split("/")
    .map(encodeURIComponent)
    .join("/")
    .replace(/^([A-Za-z])%3A/, "$1:");
  if (forward.startsWith("//")) {
    return `file:${encoded}`;
  }
  return forward.startsWith("/") ? `file://${encoded}` : `file:///${encoded}`;
}

function rangeOf(start, duration, rate) {
  return { OTIO_SCHEMA: "TimeRange.1", start_time: timeOf(start, rate), duration: timeOf(duration, rate) };
}

function timeOf(value, rate) {
  return { OTIO_SCHEMA: "RationalTime.1", value, rate: perSecond(rate) };
}

module.exports = { TICKS_PER_SECOND, addressOf, asOtio, frameOf, perSecond, questionOf, rangeWords, rateOf };
