// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Reads Premiere's active sequence into plain values. Changes nothing.
 *
 * Premiere's objects want their methods called on themselves: no method is taken off its object here.
 */
"use strict";

const { frameOf, rateOf, TICKS_PER_SECOND } = require("./timeline.js");
const { BridgeError } = require("./bridge.js");

/** The bin that the panel's music is imported into; its clips are no part of the cut. */
const BIN_NAME = "Needledrop";

/**
 * The active project and sequence.
 *
 * @throws {BridgeError} "no-sequence"
 */
async function activeSequence(ppro) {
  const project = await ppro.Project.getActiveProject();
  const sequence = project ? await project.getActiveSequence() : null;
  if (!sequence) {
    throw new BridgeError("no-sequence", "No sequence is open.", "Open the one you cut in the Timeline panel.");
  }
  return { project, sequence };
}

/**
 * What the sequence shows and plays, and the range between its in-point and out-point (all of it where they are not
 * set).
 *
 * @returns {Promise<object>} { name, id, rate, ticksPerFrame, first, end, tracks: [{ name, isSound, clips }] }; `id`
 *   tells it from every other sequence of every project
 * @throws {BridgeError} "no-picture" where nothing is to be seen in the range
 */
async function readTimeline(ppro, project, sequence) {
  const ticksPerFrame = BigInt(await sequence.getTimebase());
  const ours = await mediaInBin(ppro, project);
  const pictures = await readTracks(ppro, sequence, false, ticksPerFrame, ours);
  const sounds = await readTracks(ppro, sequence, true, ticksPerFrame, ours);
  const [first, end] = await readRange(sequence, ticksPerFrame);
  if (!pictures.some((track) => track.clips.some((clip) => clip.first < end && clip.end > first))) {
    throw new BridgeError("no-picture", "There is no picture between the in-point and the out-point.", "Set others.");
  }
  const tracks = [...pictures, ...sounds];
  const id = `${project.path}\n${sequence.guid}`;
  return { name: sequence.name, id, rate: rateOf(ticksPerFrame), ticksPerFrame, first, end, tracks };
}

/** In-point and out-point as frames. Where they are not set Premiere says times outside the sequence. */
async function readRange(sequence, ticksPerFrame) {
  const [inPoint, outPoint, endTime] = [
    BigInt((await sequence.getInPoint()).ticks),
    BigInt((await sequence.getOutPoint()).ticks),
    BigInt((await sequence.getEndTime()).ticks),
  ];
  const first = inPoint >= 0n && inPoint < endTime ? inPoint : 0n;
  const end = outPoint > first && outPoint <= endTime ? outPoint : endTime;
  return [frameOf(first, ticksPerFrame), frameOf(end, ticksPerFrame)];
}

async function readTracks(ppro, sequence, isSound, ticksPerFrame, ours) {
  const count = isSound ? await sequence.getAudioTrackCount() : await sequence.getVideoTrackCount();
  const tracks = [];
  for (let index = 0; index < count; index += 1) {
    const track = isSound ? await sequence.getAudioTrack(index) : await sequence.getVideoTrack(index);
    const clips = [];
    for (const item of (await track.isMuted()) ? [] : await clipsOf(ppro, track)) {
      const clip = await readClip(ppro, item, ticksPerFrame);
      if (clip && !ours.includes(clip.media)) {
        clips.push(clip);
      }
    }
    tracks.push({ name: track.name, isSound, clips });
  }
  return tracks;
}

/** The clips of a track, without gaps and transitions. */
async function clipsOf(ppro, track) {
  return track.getTrackItems(ppro.Constants.TrackItemType.CLIP, false);
}

async function readClip(ppro, item, ticksPerFrame) {
  if (await item.isDisabled()) {
    return null;
  }
  const [start, end, sourceIn, sourceOut] = [
    BigInt((await item.getStartTime()).ticks),
    BigInt((await item.getEndTime()).ticks),
    BigInt((await item.getInPoint()).ticks),
    BigInt((await item.getOutPoint()).ticks),
  ];
  return {
    name: await item.getName(),
    media: await mediaOf(ppro, await item.getProjectItem()),
    first: frameOf(start, ticksPerFrame),
    end: frameOf(end, ticksPerFrame),
    sourceInSeconds: Number(sourceIn) / Number(TICKS_PER_SECOND),
    speed: speedOf(end - start, sourceOut - sourceIn),
  };
}

/** Seconds of media in a second of sequence; a source range that says nothing counts as normal speed. */
function speedOf(shown, source) {
  if (shown <= 0n || source <= 0n || shown === source) {
    return 1;
  }
  const speed = Number(source) / Number(shown);
  return Math.abs(speed - 1) < 0.001 ? 1 : speed;
}

/** The file of a project item; null for titles, colours and nested sequences. */
async function mediaOf(ppro, projectItem) {
  const clip = projectItem ? ppro.ClipProjectItem.cast(projectItem) : null;
  if (!clip || (await clip.isSequence())) {
    return null;
  }
  return (await clip.getMediaFilePath()) || null;
}

/** The panel's bin, where there is one. */
async function ownBin(ppro, project) {
  const root = await project.getRootItem();
  const items = await root.getItems();
  return items.map((item) => ppro.FolderItem.cast(item)).find((bin) => bin && bin.name === BIN_NAME) || null;
}

async function mediaInBin(ppro, project) {
  const bin = await ownBin(ppro, project);
  const paths = [];
  for (const item of bin ? await bin.getItems() : []) {
    paths.push(await mediaOf(ppro, item));
  }
  return paths.filter(Boolean);
}

module.exports = { BIN_NAME, activeSequence, clipsOf, mediaOf, ownBin, readTimeline };
