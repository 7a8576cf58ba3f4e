// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Premiere's DOM as far as the panel asks for it, written from its reference and from what others measured:
 * - actions are made inside lockedAccess, methods called on their own object, transactions run inside lockedAccess;
 * - actions of one transaction do not see what the others do (a clip takes the in and out its item had before);
 * - an overwrite erases what lies there; tracks that do not exist are refused, and none can be added;
 * - keyframes need a parameter that varies already; a clip's Level stands at 10^(-15/20) for 0 dB, and ends at 1.
 * Times are ticks, 254016000000 a second.
 */
"use strict";

const TICKS = 254016000000n;

class TickTime {
  constructor(ticks) {
    this.ticks = String(ticks);
  }
  get seconds() {
    return Number(BigInt(this.ticks)) / Number(TICKS);
  }
  static createWithTicks(ticks) {
    return new TickTime(BigInt(ticks));
  }
  static createWithSeconds(seconds) {
    return new TickTime(BigInt(Math.round(seconds * Number(TICKS))));
  }
}
TickTime.TIME_ZERO = new TickTime(0n);

class Level {
  #world;
  constructor(world) {
    this.#world = world;
    this.value = 10 ** (-15 / 20);
    this.keys = [];
    this.varies = false;
  }
  async areKeyframesSupported() {
    return true;
  }
  async getStartValue() {
    return { value: { value: this.value } };
  }
  createKeyframe(value) {
    if (typeof value !== "number" || !(value >= 0 && value <= 1)) {
      throw new Error("Illegal Parameter type");
    }
    return { value: { value }, position: TickTime.TIME_ZERO };
  }
  createSetValueAction(keyframe) {
    return this.#world.action(() => (this.value = keyframe.value.value));
  }
  createSetTimeVaryingAction(varies) {
    return this.#world.action(() => (this.varies = varies));
  }
  createAddKeyframeAction(keyframe) {
    const varied = this.varies;
    return this.#world.action(() => {
      if (!varied) {
        throw new Error("the parameter does not vary");
      }
      this.keys.push([keyframe.position.seconds, keyframe.value.value]);
    });
  }
}

class TrackItem {
  #world;
  constructor(world, facts) {
    this.#world = world;
    Object.assign(this, { start: 0n, end: 0n, sourceIn: 0n, sourceOut: 0n, disabled: false, item: null }, facts);
    this.level = new Level(world);
  }
  async getName() {
    return this.name || (this.item ? this.item.name : "");
  }
  async isDisabled() {
    return this.disabled;
  }
  async getStartTime() {
    return new TickTime(this.start);
  }
  async getEndTime() {
    return new TickTime(this.end);
  }
  async getInPoint() {
    return new TickTime(this.sourceIn);
  }
  async getOutPoint() {
    return new TickTime(this.sourceOut);
  }
  async getProjectItem() {
    return this.item;
  }
  async getComponentChain() {
    const params = [{}, this.level];
    const volume = { getParamCount: () => params.length, getParam: (index) => params[index] };
    return { getComponentCount: () => (this.#world.hasVolume ? 2 : 0), getComponentAtIndex: () => volume };
  }
}

class Track {
  constructor(name, items = [], muted = false) {
    Object.assign(this, { name, items, muted });
  }
  async isMuted() {
    return this.muted;
  }
  getTrackItems(type) {
    if (type !== "CLIP") {
      throw new Error("another type");
    }
    return [...this.items];
  }
}

class ClipItem {
  #world;
  constructor(world, path, length) {
    Object.assign(this, { name: path.split("/").pop(), path, length, sourceIn: 0n, sourceOut: length });
    this.#world = world;
  }
  async isSequence() {
    return false;
  }
  async getMediaFilePath() {
    return this.path;
  }
  createSetInOutPointsAction(inPoint, outPoint) {
    return this.#world.action(() => {
      [this.sourceIn, this.sourceOut] = [BigInt(inPoint.ticks), BigInt(outPoint.ticks)];
    });
  }
}

class Folder {
  #world;
  constructor(world, name) {
    Object.assign(this, { name, items: [] });
    this.#world = world;
  }
  async getItems() {
    return [...this.items];
  }
  createBinAction(name) {
    return this.#world.action(() => this.items.push(new Folder(this.#world, name)));
  }
}

class Project {
  #world;
  constructor(world) {
    this.#world = world;
    this.path = "/films/film.prproj";
  }
  async getActiveSequence() {
    return this.#world.sequence;
  }
  async getRootItem() {
    return this.#world.root;
  }
  async importFiles(paths, suppressUI, bin) {
    for (const path of paths) {
      const length = this.#world.files[path];
      if (length === undefined) {
        return false;
      }
      bin.items.push(new ClipItem(this.#world, path, length));
    }
    return true;
  }
  lockedAccess(callback) {
    this.#world.isLocked = true;
    try {
      callback();
    } finally {
      this.#world.isLocked = false;
    }
  }
  executeTransaction(callback, name) {
    if (!this.#world.isLocked) {
      throw new Error("not locked");
    }
    const actions = [];
    callback({ addAction: (action) => actions.push(action) });
    if (this.#world.refuses) {
      return false;
    }
    actions.forEach((action) => action.run());
    this.#world.undo.push(name);
    return true;
  }
}

class Sequence {
  constructor(facts) {
    Object.assign(
      this,
      { name: "Cut", guid: { toString: () => "0a1b" }, video: [], audio: [], inPoint: -400000n * TICKS, outPoint: -400000n * TICKS },
      facts,
    );
    this.markers = [];
  }
  async getTimebase() {
    return String(this.ticksPerFrame);
  }
  async getVideoTrackCount() {
    return this.video.length;
  }
  async getAudioTrackCount() {
    return this.audio.length;
  }
  async getVideoTrack(index) {
    return this.video[index];
  }
  async getAudioTrack(index) {
    return this.audio[index];
  }
  async getInPoint() {
    return new TickTime(this.inPoint);
  }
  async getOutPoint() {
    return new TickTime(this.outPoint);
  }
  async getEndTime() {
    const ends = [...this.video, ...this.audio].flatMap((track) => track.items.map((item) => item.end));
    return new TickTime(ends.reduce((most, end) => (end > most ? end : most), 0n));
  }
}

/** A Premiere with one project. `files` says how long each file on the disk is, in ticks. */
class World {
  constructor(sequence, files = {}) {
    Object.assign(this, { sequence, files, isLocked: false, refuses: false, hasVolume: true, undo: [], played: [] });
    this.root = new Folder(this, "root");
    this.project = new Project(this);
    this.ppro = this.modules();
  }

  clipItem(path, length) {
    const item = new ClipItem(this, path, length);
    this.root.items.push(item);
    return item;
  }

  trackItem(facts) {
    return new TrackItem(this, facts);
  }

  action(run) {
    if (!this.isLocked) {
      throw new Error("actions are made inside lockedAccess");
    }
    return { run };
  }

  overwrite(item, time, videoTrack, audioTrack) {
    const track = this.sequence.audio[audioTrack];
    if (!track || !this.sequence.video[videoTrack]) {
      throw new Error("BE: An invalid track index was passed to the sequence");
    }
    const start = BigInt(time.ticks);
    const [sourceIn, sourceOut] = [item.sourceIn, item.sourceOut];
    return this.action(() => {
      const laid = this.trackItem({ item, start, end: start + sourceOut - sourceIn, sourceIn, sourceOut });
      track.items = track.items.filter((one) => one.end <= laid.start || one.start >= laid.end).concat(laid);
    });
  }

  modules() {
    const world = this;
    return {
      Constants: { TrackItemType: { CLIP: "CLIP" } },
      TickTime,
      Project: { getActiveProject: async () => world.project },
      ClipProjectItem: { cast: (item) => (item instanceof ClipItem ? item : null) },
      FolderItem: { cast: (item) => (item instanceof Folder ? item : null) },
      Marker: { MARKER_TYPE_COMMENT: "Comment" },
      Markers: {
        getMarkers: async (sequence) => ({
          createAddMarkerAction: (name, type, start, duration, comments) =>
            world.action(() => sequence.markers.push({ name, type, at: start.seconds, comments })),
        }),
      },
      SequenceEditor: {
        getEditor: () => ({ createOverwriteItemAction: (...args) => world.overwrite(...args) }),
      },
      SourceMonitor: {
        openFilePath: async (path) => world.played.push(path) > 0,
        play: async (speed) => world.played.push(speed) > 0,
        closeClip: async () => world.played.push("closed") > 0,
      },
    };
  }
}

/** A socket whose other end answers what `answer(verb, arguments)` says; an error thrown there is a refusal. */
class StandInSocket {
  constructor(address, answer) {
    this.address = address;
    this.answer = answer;
    setImmediate(() => this.onopen());
  }
  send(text) {
    const { id, verb, arguments: args } = JSON.parse(text);
    setImmediate(async () => {
      let answer = { schema: 1, id, ok: true };
      try {
        answer.result = await this.answer(verb, args);
      } catch (error) {
        answer = {
          schema: 1,
          id,
          ok: false,
          error: { code: error.code, sentence: error.message, remedy: "Do otherwise." },
        };
      }
      this.onmessage({ data: JSON.stringify(answer) });
    });
  }
  drop() {
    this.onclose();
  }
}

module.exports = { Sequence, StandInSocket, TICKS, TickTime, Track, World };
