// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Lays what Needledrop answered into the sequence. Overwrites and moves nothing: the music goes where a track is free,
 * and it is read back what landed.
 *
 * Actions are made inside `lockedAccess` (Premiere 26.3 insists), and those of one transaction do not see what the
 * others do: what must be there first has a transaction of its own.
 */
"use strict";

const { BridgeError } = require("./bridge.js");
const { levelKeys } = require("./levels.js");
const { BIN_NAME, clipsOf, mediaOf, ownBin } = require("./sequence.js");
const { frameOf, perSecond } = require("./timeline.js");

/** What is shown of the music's own markers, from nothing to all. */
const MARKER_KINDS = {
  none: [],
  sections: ["section"],
  downbeats: ["section", "downbeat"],
  beats: ["section", "downbeat", "beat"],
};
const MOST_ABOVE_DB = 15;

/**
 * @param {object} target { ppro, project, sequence, timeline }: where, and the timeline it was asked for
 * @param {object} answer of `use`
 * @param {{isEditable: boolean, markers: string}} how
 * @returns {Promise<{track: string}>} what the track is called
 * @throws {BridgeError} "no-track", "not-imported", "refused", "misplaced", "no-level"
 */
async function layMusic(target, answer, how) {
  const original = how.isEditable ? answer.original : null;
  const placement = placementOf(target, answer);
  const track = await freeTrack(target, placement);
  const item = await imported(target, original ? original.path : answer.wav);
  const name = `Needledrop: ${answer.title}`;
  if (original) {
    setSource(target, item, original, name);
  }
  const markers = answer.markers.filter((marker) => MARKER_KINDS[how.markers].includes(marker.kind));
  const sequenceMarkers = markers.length ? await target.ppro.Markers.getMarkers(target.sequence) : null;
  transact(target.project, name, () => [
    overwriteAction(target, item, placement, track.index),
    ...markers.map((marker) => markerAction(target.ppro, sequenceMarkers, marker)),
  ]);
  const laid = await landed(target, track, placement);
  if (original) {
    await setLevels(target, laid, original, placement, name);
  }
  return { track: track.name };
}

function placementOf({ timeline }, answer) {
  return {
    first: answer.start_frame,
    end: answer.start_frame + answer.frames,
    lengthSeconds: answer.frames / perSecond(timeline.rate),
  };
}

function tickOfFrame({ ppro, timeline }, frame) {
  return ppro.TickTime.createWithTicks(String(BigInt(frame) * timeline.ticksPerFrame));
}

/** The lowest audio track with nothing on it, else the lowest with nothing on it there. */
async function freeTrack({ ppro, sequence, timeline }, placement) {
  const count = await sequence.getAudioTrackCount();
  const free = [];
  for (let index = 0; index < count; index += 1) {
    const track = await sequence.getAudioTrack(index);
    const spans = [];
    for (const item of await clipsOf(ppro, track)) {
      const times = [await item.getStartTime(), await item.getEndTime()];
      spans.push(times.map((time) => frameOf(BigInt(time.ticks), timeline.ticksPerFrame)));
    }
    if (spans.every(([first, end]) => end <= placement.first || first >= placement.end)) {
      free.push({ index, name: track.name, isEmpty: spans.length === 0 });
    }
  }
  const found = free.find((track) => track.isEmpty) || free[0];
  if (!found) {
    throw new BridgeError(
      "no-track",
      "Every audio track has something on it there, and panels cannot add tracks.",
      "Choose Sequence > Add Tracks, add one audio track, then press Use again.",
    );
  }
  return found;
}

/** The project item of a file in the panel's bin; imported where it is not there yet. */
async function imported({ ppro, project }, path) {
  if (!(await ownBin(ppro, project))) {
    const root = await project.getRootItem();
    transact(project, "Needledrop: bin", () => [root.createBinAction(BIN_NAME, false)]);
  }
  const bin = await ownBin(ppro, project);
  const known = bin && (await itemOf(ppro, bin, path));
  if (known) {
    return known;
  }
  const isDone = bin && (await project.importFiles([path], true, bin, false));
  const item = isDone && (await itemOf(ppro, bin, path));
  if (!item) {
    throw new BridgeError("not-imported", `Premiere did not import ${path}.`, "Import it by hand to see why.");
  }
  return item;
}

async function itemOf(ppro, bin, path) {
  const plain = (one) => one.replaceAll("\\", "/").toLowerCase();
  for (const item of await bin.getItems()) {
    const media = await mediaOf(ppro, item);
    if (media && plain(media) === plain(path)) {
      return item;
    }
  }
  return null;
}

/** A clip takes the in-point and out-point that its project item has when the clip is made. */
function setSource({ ppro, project }, item, original, name) {
  const clip = ppro.ClipProjectItem.cast(item);
  const times = [original.in_s, original.out_s].map((seconds) => ppro.TickTime.createWithSeconds(seconds));
  transact(project, name, () => [clip.createSetInOutPointsAction(times[0], times[1])]);
}

function overwriteAction(target, item, placement, audioTrack) {
  const editor = target.ppro.SequenceEditor.getEditor(target.sequence);
  return editor.createOverwriteItemAction(item, tickOfFrame(target, placement.first), 0, audioTrack);
}

function markerAction(ppro, markers, marker) {
  return markers.createAddMarkerAction(
    marker.name,
    ppro.Marker.MARKER_TYPE_COMMENT,
    ppro.TickTime.createWithSeconds(marker.at_s),
    ppro.TickTime.TIME_ZERO,
    "Needledrop",
  );
}

/** The clip that is there now. */
async function landed({ ppro, sequence, timeline }, track, placement) {
  const items = await clipsOf(ppro, await sequence.getAudioTrack(track.index));
  for (const item of items) {
    const [start, end] = [await item.getStartTime(), await item.getEndTime()];
    const first = frameOf(BigInt(start.ticks), timeline.ticksPerFrame);
    const length = frameOf(BigInt(end.ticks) - BigInt(start.ticks), timeline.ticksPerFrame);
    if (first === placement.first && Math.abs(length - (placement.end - placement.first)) <= 1) {
      return item;
    }
  }
  throw new BridgeError(
    "misplaced",
    `The music did not land where it should on ${track.name}.`,
    "Choose Edit > Undo, and lay it as finished sound.",
  );
}

/** Keyframes of the clip's Level. What it stands at now is 0 dB, on whatever scale Premiere keeps it. */
async function setLevels({ ppro, project }, item, original, placement, name) {
  const level = await levelOf(item);
  const [unity, inPoint] = [valueOf(await level.getStartValue()), (await item.getInPoint()).seconds];
  const most = unity * 10 ** (MOST_ABOVE_DB / 20);
  const keys = levelKeys(original, placement.lengthSeconds);
  const keyframe = (key) => level.createKeyframe(Math.min(most, unity * key.amplitude));
  if (keys.length === 1) {
    transact(project, name, () => [level.createSetValueAction(keyframe(keys[0]), true)]);
    return;
  }
  transact(project, name, () => [level.createSetTimeVaryingAction(true)]);
  transact(project, name, () =>
    keys.map((key) => {
      const point = keyframe(key);
      point.position = ppro.TickTime.createWithSeconds(inPoint + key.at);
      return level.createAddKeyframeAction(point);
    }),
  );
}

/** The second parameter of a clip's first component; names are in the user's language. */
async function levelOf(item) {
  const chain = await item.getComponentChain();
  const component = chain.getComponentCount() ? chain.getComponentAtIndex(0) : null;
  const level = component && component.getParamCount() > 1 ? component.getParam(1) : null;
  if (!level || !(await level.areKeyframesSupported()) || !(valueOf(await level.getStartValue()) > 0)) {
    throw new BridgeError(
      "no-level",
      "The music lies there at full level: this Premiere keeps a clip's volume elsewhere.",
      "Choose Edit > Undo, and lay it as finished sound.",
    );
  }
  return level;
}

function valueOf(keyframe) {
  const value = keyframe.value;
  return value !== null && typeof value === "object" ? value.value : value;
}

/** One step in Edit > Undo. */
function transact(project, name, makeActions) {
  let isDone = false;
  project.lockedAccess(() => {
    isDone = project.executeTransaction((compound) => {
      makeActions().forEach((action) => compound.addAction(action));
    }, name);
  });
  if (!isDone) {
    throw new BridgeError("refused", "Premiere refused the change.", "See that no track is locked, then try again.");
  }
}

module.exports = { MARKER_KINDS, layMusic };
