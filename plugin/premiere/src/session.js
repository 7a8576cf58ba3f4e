// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * One search and what came of it: the panel's state, and what the user can do. Draws nothing.
 *
 * What Premiere and UXP do is given to it as `host`:
 *   install() -> text of needledrop_install.json; bridge(bridgeDir) -> Bridge; open(program) -> Promise
 *   timeline() -> Promise of a target; save(path, text) -> Promise; lay(target, answer, how) -> Promise
 *   play(path), silence() -> Promise; wait(ms) -> Promise
 */
"use strict";

const { BridgeError, readInstallation } = require("./bridge.js");
const { asOtio, questionOf, rangeWords } = require("./timeline.js");

const WAIT_S = 1;
const FORGETS = ["no-job", "not-running"]; // The engine ends when nobody has asked for a while.
const TELLING = ["title", "artist", "start_s", "end_s", "track_in_s"];
const LOOK_EVERY_MS = 1000;
const LONGEST_NAME = 50; // Of letters with up to 4 bytes each; a name has room for 255.
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const EMPTY = {
  kind: "empty", // empty | searching | listed | failed
  step: "", // what is being done, in words
  share: null, // how far that is, 0 to 1
  error: null,
  range: "",
  suggestions: [],
  notes: [],
  heard: null, // the number of the suggestion that is heard
  laid: [], // { title, track, attribution } of what was laid since the panel opened
  program: null, // what can be opened where Needledrop does not run
};

class Session {
  constructor(host, onChange) {
    this.host = host;
    this.onChange = onChange;
    this.state = { ...EMPTY };
    this.search = 0;
    this.bridge = null;
    this.job = "";
    this.target = null;
    this.asked = null; // What the list answers: { installation, question }.
  }

  /** Search for the active sequence; one that still runs is left. */
  async suggest(words) {
    const left = this.cancel();
    const search = this.search; // Of this click: while the sound is being stopped there may be another.
    await left;
    if (search !== this.search) {
      return;
    }
    this.change({ kind: "searching", step: "Reading the sequence", share: null, suggestions: [], notes: [] });
    try {
      const target = await this.host.timeline();
      const { timeline } = target;
      this.changeIf(search, { range: rangeWords(timeline), step: "Asking Needledrop" });
      const installation = readInstallation(await this.host.install());
      const project = pathIn(installation.handoverDir, timeline);
      await this.host.save(project, JSON.stringify(asOtio(timeline)));
      const bridge = await this.connected(search, installation);
      const question = questionOf(timeline, project, words);
      const { job } = await bridge.ask("suggest", question);
      if (search !== this.search) {
        await bridge.ask("cancel", { job });
        return;
      }
      [this.target, this.job, this.asked] = [target, job, { installation, question }];
      await this.follow(search);
    } catch (error) {
      this.changeIf(search, { kind: "failed", step: "", error: said(error) });
    }
  }

  /** Leave the search that runs, here and in the engine. */
  async cancel() {
    this.search += 1;
    const [wasSearching, job] = [this.state.kind === "searching", this.job];
    this.job = "";
    this.change({ kind: wasSearching ? "empty" : this.state.kind, step: "", share: null, error: null });
    await this.silence();
    if (wasSearching && job) {
      await this.bridge.ask("cancel", { job }).catch(() => undefined);
    }
  }

  /** Hear an entry as it would lie under the picture; once more to stop. */
  async audition(number) {
    const wasHeard = this.state.heard === number;
    await this.silence();
    if (wasHeard) {
      return;
    }
    await this.forEntry("audition", number, async ({ path }) => {
      await this.host.play(path);
      this.change({ heard: number });
    });
  }

  /** Lay an entry under the cut. */
  async use(number, how) {
    await this.silence();
    await this.forEntry("use", number, async (answer) => {
      const { track } = await this.host.lay(this.target, answer, how);
      const isBaked = how.isEditable && !answer.original;
      const notes = isBaked ? [`${answer.title} is cut together or stretched: it was laid as finished sound.`] : [];
      const laid = { title: answer.title, track, attribution: answer.attribution };
      this.change({ laid: [...this.state.laid, laid], notes });
    });
  }

  /** What the licences of what was laid want to be published, each once. */
  credits() {
    return [...new Set(this.state.laid.map((one) => one.attribution.trim()).filter(Boolean))].join("\n\n");
  }

  /** Open Needledrop, where it can be opened. */
  async open() {
    if (this.state.program) {
      await this.host.open(this.state.program);
    }
  }

  /** A bridge that answers. Where Needledrop does not run, wait for it until the search is left. */
  async connected(search, { bridgeDir, program }) {
    this.bridge = this.bridge || this.host.bridge(bridgeDir);
    for (;;) {
      try {
        await this.bridge.ask("status");
        this.changeIf(search, { error: null, program: null });
        return this.bridge;
      } catch (error) {
        if (error.code !== "not-running" || search !== this.search) {
          throw error;
        }
        this.changeIf(search, { step: "Waiting for Needledrop", error, program });
      }
      await this.host.wait(LOOK_EVERY_MS);
      if (search !== this.search) {
        throw new BridgeError("cancelled", "The search was left.");
      }
    }
  }

  async follow(search) {
    for (;;) {
      const answer = await this.bridge.ask("list", { job: this.job, wait_s: WAIT_S });
      if (search !== this.search) {
        return;
      }
      if (answer.state === "done") {
        this.change({
          kind: "listed",
          step: "",
          share: null,
          suggestions: answer.suggestions,
          notes: answer.notes || [],
        });
        return;
      }
      if (answer.state !== "running") {
        const found = answer.error || { code: "cancelled", sentence: "The search was stopped." };
        throw new BridgeError(found.code, found.sentence, found.remedy);
      }
      const { title = "Looking for music", done = null, total = null } = answer.progress || {};
      this.change({ step: title, share: total ? Math.min(1, done / total) : null });
    }
  }

  async forEntry(verb, number, then) {
    const search = this.search;
    this.change({ error: null });
    try {
      const answer = await this.askEntry(search, verb, number).catch(async (error) => {
        if (!FORGETS.includes(error.code) || search !== this.search) {
          throw error;
        }
        await this.searchAgain(search, number);
        return this.askEntry(search, verb, number);
      });
      if (search === this.search) {
        await then(answer);
      }
    } catch (error) {
      this.changeIf(search, { error: said(error) });
    }
    this.changeIf(search, { step: "" });
  }

  askEntry(search, verb, number) {
    this.changeIf(search, { step: "Mixing" });
    return this.bridge.ask(verb, { job: this.job, number });
  }

  /** Make the list anew that an engine has forgotten; go on only where the entry is in it as it was. */
  async searchAgain(search, number) {
    const told = () => {
      const found = this.state.suggestions.find((one) => one.number === number) || {};
      return JSON.stringify(TELLING.map((name) => found[name]));
    };
    const before = told();
    const bridge = await this.connected(search, this.asked.installation);
    const { job } = await bridge.ask("suggest", this.asked.question);
    if (search !== this.search) {
      await bridge.ask("cancel", { job });
      throw new BridgeError("cancelled", "The search was left.");
    }
    this.job = job;
    await this.follow(search);
    if (search !== this.search) {
      throw new BridgeError("cancelled", "The search was left.");
    }
    if (told() !== before) {
      const sentence = "Needledrop was started again, and its list is another one now.";
      throw new BridgeError("changed", sentence, "Choose again.");
    }
  }

  async silence() {
    if (this.state.heard !== null) {
      this.change({ heard: null });
      await this.host.silence();
    }
  }

  changeIf(search, found) {
    if (search === this.search) {
      this.change(found);
    }
  }

  change(found) {
    this.state = { ...this.state, ...found };
    this.onChange(this.state);
  }
}

/** The file of a sequence. The same each time, and its own: what Needledrop learns of a cut goes by it. */
function pathIn(folder, { name, id }) {
  const plain = name.replace(/[^\p{L}\p{N}_ -]/gu, "_").slice(0, LONGEST_NAME);
  return `${folder}/${plain || "untitled"}-${checksum(id)}.otio`;
}

/** FNV-1a with 32 bits, in 8 digits: enough to tell the sequences of one user apart. */
function checksum(text) {
  let sum = FNV_START;
  for (const byte of encodeURIComponent(text)) {
    sum = Math.imul(sum ^ byte.charCodeAt(0), FNV_PRIME);
  }
  return (sum >>> 0).toString(16).padStart(8, "0");
}

/** Errors of Premiere itself have no remedy of ours. */
function said(error) {
  if (error instanceof BridgeError) {
    return error;
  }
  return new BridgeError("premiere", `Premiere says: ${error && error.message ? error.message : error}`);
}

module.exports = { Session };
