// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/** The panel's logic against a stand-in of Premiere and of the engine: node --test tests/plugin/premiere */
"use strict";

const assert = require("node:assert/strict");
const path = require("node:path");
const { test } = require("node:test");

const SRC = path.join(__dirname, "..", "..", "..", "plugin", "premiere", "src");
const { Bridge, readInstallation } = require(path.join(SRC, "bridge.js"));
const { hostOf } = require(path.join(SRC, "host.js"));
const { levelKeys } = require(path.join(SRC, "levels.js"));
const { layMusic } = require(path.join(SRC, "placing.js"));
const { readTimeline } = require(path.join(SRC, "sequence.js"));
const { Session } = require(path.join(SRC, "session.js"));
const { addressOf, asOtio, questionOf, rangeWords, rateOf } = require(path.join(SRC, "timeline.js"));
const { Sequence, StandInSocket, TICKS, Track, World } = require("./premiere_stand_in.js");

const PAL = TICKS / 25n;
const NTSC = 8475667200n; // 29.97
const WAV = "/data/music for editors/Tide 5f0c2a91.wav";
const SONG = "/music/Tide.flac";
const BAKED = { isEditable: false, markers: "none" };
const at = (frame, ticksPerFrame = PAL) => BigInt(frame) * ticksPerFrame;

/** Two clips of a film, 0 to 100 and 150 to 300, with sound on A1; A2 has a voice from 250 on; A3 is empty. */
function cutWorld(ticksPerFrame = PAL) {
  const world = new World(new Sequence({ ticksPerFrame }), {
    [WAV]: at(200, ticksPerFrame),
    [SONG]: at(5000, ticksPerFrame),
  });
  const film = world.clipItem("/films/my film #1.mov", at(2000, ticksPerFrame));
  const clip = (first, end, source, facts = {}) =>
    world.trackItem({
      item: film,
      start: at(first, ticksPerFrame),
      end: at(end, ticksPerFrame),
      sourceIn: at(source, ticksPerFrame),
      sourceOut: at(source + end - first, ticksPerFrame),
      ...facts,
    });
  Object.assign(world.sequence, {
    video: [new Track("V1", [clip(0, 100, 500), clip(150, 300, 0)]), new Track("V2", [clip(0, 50, 0)], true)],
    audio: [new Track("Dialogue", [clip(0, 100, 500)]), new Track("A2", [clip(250, 300, 0)]), new Track("A3")],
  });
  return { world, clip };
}

async function targetOf(world) {
  const { ppro, project, sequence } = world;
  return { ppro, project, sequence, timeline: await readTimeline(ppro, project, sequence) };
}

function useAnswer(facts = {}) {
  return {
    wav: WAV,
    title: "Tide",
    attribution: '"Tide" by Ana',
    start_frame: 60,
    frames: 200,
    original: null,
    markers: [
      { at_s: 3, name: "Drop", kind: "section" },
      { at_s: 4, name: "Bar 2", kind: "downbeat" },
      { at_s: 4.5, name: "Beat", kind: "beat" },
    ],
    ...facts,
  };
}

test("frame rates are exact", () => {
  assert.deepEqual(rateOf(PAL), { numerator: 25, denominator: 1 });
  assert.deepEqual(rateOf(NTSC), { numerator: 30000, denominator: 1001 });
  assert.deepEqual(rateOf(10594584000n), { numerator: 24000, denominator: 1001 });
});

test("a sequence is read without muted tracks, disabled clips and the panel's own music", async () => {
  const { world, clip } = cutWorld();
  world.sequence.video[0].items.push(clip(100, 150, 0, { disabled: true }));
  await layMusic(await targetOf(world), useAnswer(), BAKED);
  const timeline = await readTimeline(world.ppro, world.project, world.sequence);
  assert.deepEqual([timeline.first, timeline.end], [0, 300]);
  const spans = timeline.tracks.map((track) => [track.name, track.clips.map((one) => [one.first, one.end])]);
  assert.deepEqual(spans, [
    [
      "V1",
      [
        [0, 100],
        [150, 300],
      ],
    ],
    ["V2", []],
    ["Dialogue", [[0, 100]]],
    ["A2", [[250, 300]]],
    ["A3", []],
  ]);
  assert.equal(timeline.tracks[0].clips[0].sourceInSeconds, 20);
  assert.equal(timeline.tracks[0].clips[0].media, "/films/my film #1.mov");
});

test("in-point and out-point are the range where they are set", async () => {
  const { world } = cutWorld(NTSC);
  Object.assign(world.sequence, { inPoint: at(30, NTSC), outPoint: at(270, NTSC) });
  const { timeline } = await targetOf(world);
  assert.deepEqual([timeline.first, timeline.end], [30, 270]);
  const question = questionOf(timeline, "/data/bridge/exports/Cut.otio", " calm ");
  assert.equal(question.frame_rate, "30000/1001");
  assert.ok(Math.abs(question.in_s - 1.001) < 1e-12);
  assert.equal(question.text, "calm");
  assert.equal(rangeWords(timeline), "0:01:00 to 0:09:00 · 8.0 s");
});

test("a range without a picture is said", async () => {
  const { world } = cutWorld();
  Object.assign(world.sequence, { inPoint: at(110), outPoint: at(140) });
  await assert.rejects(targetOf(world), { code: "no-picture" });
});

test("speed is seconds of media in a second of sequence", async () => {
  const { world, clip } = cutWorld();
  world.sequence.video[0].items = [clip(0, 100, 0, { sourceOut: at(200) })];
  const { timeline } = await targetOf(world);
  assert.equal(timeline.tracks[0].clips[0].speed, 2);
});

test("paths of macOS, Windows and servers become addresses", () => {
  assert.equal(addressOf("/films/my film #1.mov"), "file:///films/my%20film%20%231.mov");
  assert.equal(addressOf("C:\\films\\a.mov"), "file:///C:/films/a.mov");
  assert.equal(addressOf("\\\\nas\\films\\a.mov"), "file://nas/films/a.mov");
});

test("baked music lands on the lowest empty track, with its markers, in one step of undo", async () => {
  const { world } = cutWorld();
  const before = world.sequence.audio.map((track) => track.items.length);
  const { track } = await layMusic(await targetOf(world), useAnswer(), { isEditable: false, markers: "downbeats" });
  assert.equal(track, "A3");
  const [laid] = world.sequence.audio[2].items;
  assert.deepEqual([laid.start, laid.end, laid.item.path], [at(60), at(260), WAV]);
  assert.deepEqual(
    world.sequence.audio.map((one) => one.items.length),
    [before[0], before[1], 1],
  );
  assert.deepEqual(
    world.sequence.markers.map((one) => [one.name, one.at]),
    [
      ["Drop", 3],
      ["Bar 2", 4],
    ],
  );
  assert.deepEqual(world.undo, ["Needledrop: bin", "Needledrop: Tide"]);
});

test("music goes beside what is on a track, never over it", async () => {
  const { world, clip } = cutWorld();
  world.sequence.audio[2].items = [clip(50, 61, 0)];
  await assert.rejects(layMusic(await targetOf(world), useAnswer(), BAKED), { code: "no-track" });
  world.sequence.audio[2].items = [clip(0, 60, 0), clip(260, 300, 0)];
  assert.equal((await layMusic(await targetOf(world), useAnswer(), BAKED)).track, "A3");
  assert.equal(world.sequence.audio[2].items.length, 3);
});

test("a file is imported once", async () => {
  const { world } = cutWorld();
  await layMusic(await targetOf(world), useAnswer(), BAKED);
  world.sequence.audio.push(new Track("A4"));
  await layMusic(await targetOf(world), useAnswer(), BAKED);
  const bins = world.root.items.filter((item) => item.name === "Needledrop");
  assert.equal(bins.length, 1);
  assert.equal(bins[0].items.length, 1);
});

test("an editable clip has its in-point, and its levels as keyframes in the clip's own time", async () => {
  const { world } = cutWorld();
  const original = {
    path: SONG,
    in_s: 31.2,
    out_s: 39.2,
    gain_db: -6,
    fade_in_s: 1,
    fade_out_s: 2,
    duck: [
      [0, 0],
      [3, 0],
      [3.5, -9],
      [5, -9],
      [5.5, 0],
    ],
  };
  const { track } = await layMusic(await targetOf(world), useAnswer({ original }), {
    isEditable: true,
    markers: "none",
  });
  assert.equal(track, "A3");
  const [laid] = world.sequence.audio[2].items;
  assert.deepEqual([laid.start, laid.end], [at(60), at(260)]);
  assert.equal(laid.item.path, SONG);
  assert.ok(laid.level.varies);
  const level = Object.fromEntries(
    laid.level.keys.map(([s, value]) => [(s - 31.2).toFixed(3), 20 * Math.log10(value) + 15]),
  );
  assert.equal(level["0.000"], -Infinity);
  assert.ok(Math.abs(level["1.000"] - -6) < 1e-6);
  assert.ok(Math.abs(level["3.500"] - -15) < 1e-6);
  assert.ok(Math.abs(level["5.500"] - -6) < 1e-6);
  assert.ok(Math.abs(level["7.000"] - (-6 - 3.0103)) < 1e-3);
  assert.ok(level["8.000"] < -100);
});

test("a level that stays is set, not keyed", async () => {
  const { world } = cutWorld();
  const original = { path: SONG, in_s: 0, out_s: 8, gain_db: -6, fade_in_s: 0, fade_out_s: 0, duck: [] };
  await layMusic(await targetOf(world), useAnswer({ original }), { isEditable: true, markers: "none" });
  const [laid] = world.sequence.audio[2].items;
  assert.equal(laid.level.keys.length, 0);
  assert.ok(Math.abs(20 * Math.log10(laid.level.value) + 15 - -6) < 1e-9);
});

test("what Premiere refuses is said", async () => {
  const { world } = cutWorld();
  const target = await targetOf(world);
  await assert.rejects(layMusic(target, useAnswer({ wav: "/gone.wav" }), BAKED), { code: "not-imported" });
  world.refuses = true;
  await assert.rejects(layMusic(target, useAnswer(), BAKED), { code: "refused" });
  world.refuses = false;
  await assert.rejects(layMusic(target, useAnswer({ frames: 150 }), BAKED), { code: "misplaced" });
  world.sequence.audio[2].items = [];
  world.hasVolume = false;
  const original = { path: SONG, in_s: 0, out_s: 8, gain_db: -6, fade_in_s: 1, fade_out_s: 0, duck: [] };
  const how = { isEditable: true, markers: "none" };
  await assert.rejects(layMusic(target, useAnswer({ original }), how), { code: "no-level" });
});

test("levels follow the cue: half a decibel apart at most where it is heard", () => {
  const cue = {
    gain_db: -3,
    fade_in_s: 2,
    fade_out_s: 3,
    duck: [
      [0, -9],
      [1.5, -9],
      [1.9, 0],
      [7.5, 0],
      [8, -12],
    ],
  };
  const keys = levelKeys(cue, 10);
  for (let frame = 12; frame < 240; frame += 1) {
    const now = frame / 25;
    const after = keys.findIndex((key) => key.at >= now);
    const [from, to] = [keys[Math.max(0, after - 1)], keys[after]];
    const share = to.at === from.at ? 1 : (now - from.at) / (to.at - from.at);
    const heard = 20 * Math.log10(from.amplitude + share * (to.amplitude - from.amplitude));
    const points = cue.duck;
    const next = points.findIndex((point) => point[0] > now);
    const [low, high] = next < 0 ? [points.at(-1), points.at(-1)] : [points[next - 1], points[next]];
    const duck = low[1] + (low === high ? 0 : ((high[1] - low[1]) * (now - low[0])) / (high[0] - low[0]));
    const fade = Math.min(1, now / 2) * 1;
    const fades = Math.sin((Math.PI / 2) * fade) * Math.sin((Math.PI / 2) * Math.min(1, (10 - now) / 3));
    assert.ok(Math.abs(heard - (-3 + duck + 20 * Math.log10(fades))) < 0.5, `${now} s: ${heard}`);
  }
});

const INSTALL = {
  schema: 1,
  bridge_dir: "/data/bridge",
  launch: ["/Applications/Needledrop.app/Contents/MacOS/needledrop", "serve"],
};
const ENDPOINT = JSON.stringify({ schema: 1, port: 41233, token: "t0k", pid: 1, version: "0" });

test("what can be opened is the program, not a Python", () => {
  assert.equal(readInstallation(JSON.stringify(INSTALL)).program, "/Applications/Needledrop.app");
  const launched = (launch) => readInstallation(JSON.stringify({ ...INSTALL, launch })).program;
  assert.equal(
    launched(["C:/Program Files/Needledrop/needledrop.exe", "serve"]),
    "C:/Program Files/Needledrop/needledrop.exe",
  );
  assert.equal(launched(["/usr/bin/python3", "-m", "needledrop", "serve"]), null);
  for (const text of ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "bridge_dir": "/x"}']) {
    assert.throws(() => readInstallation(text), { code: "not-installed" });
  }
});

/** A host over a stand-in world; `files` are what can be read, `answer` is the engine. */
function standInHost(
  world,
  answer,
  files = { "plugin:/needledrop_install.json": JSON.stringify(INSTALL), "/data/bridge/endpoint.json": ENDPOINT },
) {
  const seen = { sockets: [], saved: {}, opened: [] };
  const fs = {
    readFile: async (name) => (name in files ? files[name] : Promise.reject(new Error("missing"))),
    writeFile: async (name, text) => {
      seen.saved[name] = text;
    },
  };
  const uxp = {
    shell: { openPath: async (program) => seen.opened.push(program) },
  };
  const openSocket = (address) => {
    const socket = new StandInSocket(address, answer);
    seen.sockets.push(socket);
    return socket;
  };
  const host = hostOf(uxp, fs, world.ppro, openSocket);
  host.wait = () => new Promise((resolve) => void setImmediate(resolve));
  return { host, seen, files };
}

const ENTRY = {
  number: 1,
  title: "Tide",
  artist: "Ana",
  match: 0.8,
  reasons: [],
  start_s: 2.4,
  end_s: 10.4,
  duration_s: 203,
};

test("a search is listed, heard, used and credited", async () => {
  const { world } = cutWorld();
  const asked = [];
  const lists = [{ state: "running", progress: { title: "Watching the video", done: 1, total: 4 }, suggestions: [] }];
  const verbs = {
    status: () => ({}),
    suggest: () => ({ job: "j-1" }),
    list: () => lists.shift() || { state: "done", progress: null, notes: ["Few tracks."], suggestions: [ENTRY] },
    audition: () => ({ path: "/cache/preview.wav" }),
    use: () => useAnswer(),
    cancel: () => ({}),
  };
  const { host, seen } = standInHost(world, (verb, args) => {
    asked.push([verb, args]);
    return verbs[verb](args);
  });
  const steps = [];
  const session = new Session(host, (state) => steps.push(state.step));
  await session.suggest("calm");
  assert.equal(session.state.kind, "listed");
  assert.deepEqual(session.state.notes, ["Few tracks."]);
  assert.ok(steps.includes("Watching the video"));
  assert.equal(seen.sockets.length, 1);
  assert.equal(seen.sockets[0].address, "ws://127.0.0.1:41233/v1/ws?token=t0k");
  const [[project, saved]] = Object.entries(seen.saved);
  assert.match(project, /^\/data\/bridge\/exports\/Cut-[0-9a-f]{8}\.otio$/);
  assert.equal(JSON.parse(saved).OTIO_SCHEMA, "Timeline.1");
  assert.deepEqual(asked[1], [
    "suggest",
    { project, in_s: 0, out_s: 12, frame_rate: "25/1", text: "calm" },
  ]);
  await session.audition(1);
  assert.equal(session.state.heard, 1);
  await session.audition(1);
  assert.deepEqual([session.state.heard, world.played], [null, ["/cache/preview.wav", 1, "closed"]]);
  await session.use(1, BAKED);
  assert.equal(session.state.error, null);
  assert.deepEqual(
    session.state.laid.map((one) => one.track),
    ["A3"],
  );
  assert.equal(session.credits(), '"Tide" by Ana');
  await session.use(1, BAKED);
  assert.equal(session.state.error.code, "no-track");
  assert.equal(session.state.kind, "listed");
});

test("each sequence of each project has a file of its own, and keeps it", async () => {
  const { world } = cutWorld();
  const { host, seen } = standInHost(world, () => {
    throw Object.assign(new Error("There is no music."), { code: "missing" });
  });
  const session = new Session(host, () => undefined);
  const places = [
    ["/films/a.prproj", "0a1b"],
    ["/films/b.prproj", "0a1b"],
    ["/films/b.prproj", "0a1c"],
    ["/films/a.prproj", "0a1b"],
  ];
  for (const [file, guid] of places) {
    world.project.path = file;
    world.sequence.guid = { toString: () => guid };
    await session.suggest("");
  }
  assert.equal(Object.keys(seen.saved).length, 3);
});

test("the panel waits for Needledrop, offers to open it, and goes on by itself", async () => {
  const { world } = cutWorld();
  const verbs = {
    status: () => ({}),
    suggest: () => ({ job: "j-1" }),
    list: () => ({ state: "done", progress: null, notes: [], suggestions: [] }),
  };
  const { host, seen, files } = standInHost(world, (verb) => verbs[verb]());
  delete files["/data/bridge/endpoint.json"];
  const session = new Session(host, () => undefined);
  const search = session.suggest("");
  while (!session.state.error) {
    await host.wait();
  }
  assert.equal(session.state.error.code, "not-running");
  await session.open();
  assert.deepEqual(seen.opened, ["/Applications/Needledrop.app"]);
  files["/data/bridge/endpoint.json"] = ENDPOINT;
  await search;
  assert.deepEqual([session.state.kind, session.state.error, session.state.program], ["listed", null, null]);
});

test("a list that the engine forgot is made again once", async () => {
  for (const [title, code] of [
    ["Tide", null],
    ["Ebb", "changed"],
  ]) {
    const { world } = cutWorld();
    let searches = 0;
    const verbs = {
      status: () => ({}),
      suggest: () => ({ job: `j-${(searches += 1)}` }),
      list: ({ job }) => ({
        state: "done",
        progress: null,
        notes: [],
        suggestions: [{ ...ENTRY, title: job === "j-1" ? "Tide" : title }],
      }),
      use: ({ job }) => {
        if (job === "j-1") {
          throw Object.assign(new Error("There is no such list."), { code: "no-job" });
        }
        return useAnswer();
      },
    };
    const { host } = standInHost(world, (verb, args) => verbs[verb](args));
    const session = new Session(host, () => undefined);
    await session.suggest("");
    await session.use(1, BAKED);
    assert.equal(session.state.error && session.state.error.code, code);
    assert.equal(session.state.laid.length, code ? 0 : 1);
    assert.deepEqual([session.state.kind, session.state.step, searches], ["listed", "", 2]);
    assert.equal(session.state.suggestions[0].title, title);
  }
});

test("an entry is had after the engine has ended and was opened again", async () => {
  const { world } = cutWorld();
  const verbs = {
    status: () => ({}),
    suggest: () => ({ job: "j-1" }),
    list: () => ({ state: "done", progress: null, notes: [], suggestions: [ENTRY] }),
    use: () => useAnswer(),
  };
  const { host, seen, files } = standInHost(world, (verb) => verbs[verb]());
  const session = new Session(host, () => undefined);
  await session.suggest("");
  delete files["/data/bridge/endpoint.json"];
  seen.sockets[0].drop();
  const use = session.use(1, BAKED);
  while (!session.state.error) {
    await host.wait();
  }
  assert.equal(session.state.program, "/Applications/Needledrop.app");
  files["/data/bridge/endpoint.json"] = ENDPOINT;
  await use;
  assert.deepEqual([session.state.error, session.state.laid.length], [null, 1]);
});

test("a search that is left is cancelled in the engine, and its answer is not shown", async () => {
  const { world } = cutWorld();
  const cancelled = [];
  let listed;
  const isListed = new Promise((resolve) => {
    listed = resolve;
  });
  const verbs = {
    status: () => ({}),
    suggest: () => ({ job: "j-7" }),
    cancel: (args) => cancelled.push(args.job) && {},
    list: () => {
      listed();
      return { state: "running", progress: null, suggestions: [] };
    },
  };
  const { host } = standInHost(world, (verb, args) => verbs[verb](args));
  const session = new Session(host, () => undefined);
  const search = session.suggest("");
  await isListed;
  await session.cancel();
  await search;
  assert.deepEqual([session.state.kind, session.state.error], ["empty", null]);
  assert.deepEqual(cancelled, ["j-7"]);
});

test("a failed search, a lost connection and a busy engine", async () => {
  const { world } = cutWorld();
  const error = { code: "broken-media", sentence: "It is no video.", remedy: "Choose another." };
  const verbs = {
    status: () => ({}),
    suggest: () => ({ job: "j-1" }),
    list: () => ({ state: "failed", progress: null, error, suggestions: [] }),
  };
  const session = new Session(standInHost(world, (verb) => verbs[verb]()).host, () => undefined);
  await session.suggest("");
  assert.deepEqual([session.state.kind, session.state.error.sentence], ["failed", "It is no video."]);

  const never = standInHost(world, () => new Promise(() => {}));
  const bridge = never.host.bridge("/data/bridge");
  const question = bridge.ask("status");
  await never.host.wait();
  await never.host.wait();
  never.seen.sockets[0].drop();
  await assert.rejects(question, { code: "not-running" });

  let tries = 0;
  const busy = new Bridge(
    "/data/bridge",
    async () => ENDPOINT,
    (address) =>
      new StandInSocket(address, () => {
        tries += 1;
        if (tries < 3) {
          throw Object.assign(new Error("Too much at once."), { code: "busy" });
        }
        return {};
      }),
    async () => undefined,
  );
  assert.deepEqual(await busy.ask("status"), {});
  assert.equal(tries, 3);
});

test("a socket that closes late does not lose the questions of the next one", async () => {
  const { world } = cutWorld();
  const answers = [];
  const { host, seen } = standInHost(world, () => new Promise((resolve) => void answers.push(resolve)));
  const bridge = host.bridge("/data/bridge");
  const asked = async (count) => {
    while (answers.length < count) {
      await host.wait();
    }
  };
  const first = bridge.ask("status");
  await asked(1);
  seen.sockets[0].onerror();
  await assert.rejects(first, { code: "not-running" });
  const second = bridge.ask("status");
  await asked(2);
  seen.sockets[0].onclose();
  answers[1]({ tracks: 3 });
  assert.deepEqual(await second, { tracks: 3 });
  assert.equal(seen.sockets.length, 2);
});

test("of two clicks at once the second one counts", async () => {
  const { world } = cutWorld();
  const words = [];
  const verbs = {
    status: () => ({}),
    suggest: (args) => words.push(args.text) && { job: "j-1" },
    list: () => ({ state: "done", progress: null, notes: [], suggestions: [ENTRY] }),
    audition: () => ({ path: "/cache/preview.wav" }),
  };
  const { host } = standInHost(world, (verb, args) => verbs[verb](args));
  const session = new Session(host, () => undefined);
  await session.suggest("calm");
  await session.audition(1);
  await Promise.all([session.suggest("wild"), session.suggest("dark")]);
  assert.deepEqual(words, ["calm", "dark"]);
  assert.equal(session.state.kind, "listed");
});

test("the timeline file, for Needledrop's own reader", async () => {
  const { world } = cutWorld(NTSC);
  const { timeline } = await targetOf(world);
  const text = JSON.stringify(asOtio(timeline));
  if (process.env.NEEDLEDROP_TIMELINE_FILE) {
    require("node:fs").writeFileSync(process.env.NEEDLEDROP_TIMELINE_FILE, text);
  }
  assert.equal(JSON.parse(text).tracks.children.length, 3);
});
