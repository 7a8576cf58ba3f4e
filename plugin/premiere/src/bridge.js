// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Talks to Needledrop over its loopback WebSocket (plugin protocol 1).
 *
 * Knows nothing of Premiere or UXP: files and sockets are given to it.
 */
"use strict";

const SCHEMA = 1;
const BUSY_WAIT_MS = 1000;
const BUSY_TRIES = 20;

/** What went wrong, as the user shall read it; decide by `code`. */
class BridgeError extends Error {
  constructor(code, sentence, remedy = "") {
    super(sentence);
    this.code = code;
    this.sentence = sentence;
    this.remedy = remedy;
  }
}

/**
 * What `needledrop plugin install premiere` wrote beside the panel.
 *
 * @param {string} text of needledrop_install.json
 * @returns {{bridgeDir: string, handoverDir: string, program: string|null}} `handoverDir` is where plugins put the
 *   timelines they ask about; `program` is what can be opened to start Needledrop, where it is one file: UXP opens
 *   files, and gives no arguments.
 * @throws {BridgeError} "not-installed"
 */
function readInstallation(text) {
  const found = parsed(text);
  const launch = found.launch;
  if (found.schema !== SCHEMA || typeof found.bridge_dir !== "string" || !Array.isArray(launch) || !launch.length) {
    throw new BridgeError(
      "not-installed",
      "The panel does not know where Needledrop is.",
      "Run `needledrop plugin install premiere`, then open the package it makes.",
    );
  }
  const bridgeDir = found.bridge_dir;
  return { bridgeDir, handoverDir: `${bridgeDir}/exports`, program: programOf(launch) };
}

function programOf(launch) {
  if (launch[1] === "-m") {
    return null;
  }
  const bundle = launch[0].indexOf(".app/");
  if (bundle > 0) {
    return launch[0].slice(0, bundle + ".app".length);
  }
  return launch[0].toLowerCase().endsWith(".exe") ? launch[0] : null;
}

function parsed(text) {
  try {
    const found = JSON.parse(text);
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

/**
 * One connection, made when it is needed. Port and token change when Needledrop starts, so they are read for each.
 */
class Bridge {
  /**
   * @param {string} bridgeDir the bridge folder
   * @param {(path: string) => Promise<string>} readText rejects where there is no such file
   * @param {(address: string) => WebSocket} openSocket
   * @param {(ms: number) => Promise<void>} wait
   */
  constructor(bridgeDir, readText, openSocket, wait) {
    this.endpointPath = `${bridgeDir}/endpoint.json`;
    this.readText = readText;
    this.openSocket = openSocket;
    this.wait = wait;
    this.connecting = null;
    this.waiting = new Map();
    this.asked = 0;
  }

  /**
   * The result of a verb.
   *
   * @throws {BridgeError} the engine's own code and words; "not-running" where nobody answers
   */
  async ask(verb, args = {}) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.askOnce(verb, args);
      } catch (error) {
        if (error.code !== "busy" || tries >= BUSY_TRIES) {
          throw error;
        }
      }
      await this.wait(BUSY_WAIT_MS);
    }
  }

  async askOnce(verb, args) {
    const socket = await this.connected();
    this.asked += 1;
    const id = `premiere-${this.asked}`;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ schema: SCHEMA, id, verb, arguments: args }));
    });
  }

  connected() {
    if (!this.connecting) {
      this.connecting = this.connect();
      this.connecting.catch(() => {
        this.connecting = null;
      });
    }
    return this.connecting;
  }

  async connect() {
    const endpoint = parsed(await this.readText(this.endpointPath).catch(() => ""));
    if (typeof endpoint.port !== "number" || typeof endpoint.token !== "string") {
      throw notRunning();
    }
    const socket = this.openSocket(`ws://127.0.0.1:${endpoint.port}/v1/ws?token=${endpoint.token}`);
    return new Promise((resolve, reject) => {
      let isLost = false; // A socket that fails says so twice; by the second time there may be another one.
      const lose = () => {
        if (!isLost) {
          isLost = true;
          this.lose(reject);
        }
      };
      socket.onopen = () => resolve(socket);
      socket.onmessage = (event) => this.take(event.data);
      socket.onerror = lose;
      socket.onclose = lose;
    });
  }

  take(data) {
    const answer = parsed(data);
    const asker = this.waiting.get(answer.id);
    if (!asker) {
      return;
    }
    this.waiting.delete(answer.id);
    const error = answer.error || {};
    if (answer.ok === true && answer.result) {
      asker.resolve(answer.result);
    } else if (error.sentence) {
      asker.reject(new BridgeError(error.code, error.sentence, error.remedy));
    } else {
      asker.reject(new BridgeError("unsupported-schema", "Needledrop's answer was not understood."));
    }
  }

  lose(reject) {
    this.connecting = null;
    const askers = [...this.waiting.values()];
    this.waiting.clear();
    reject(notRunning());
    askers.forEach((asker) => asker.reject(notRunning()));
  }
}

function notRunning() {
  return new BridgeError("not-running", "Needledrop is not running.", "Open it, and the panel goes on by itself.");
}

module.exports = { Bridge, BridgeError, readInstallation };
