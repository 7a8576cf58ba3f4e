// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * What UXP and Premiere do for a session: files, sockets, programs, sound. The only place that asks UXP for anything.
 */
"use strict";

const { Bridge, BridgeError } = require("./bridge.js");
const { layMusic } = require("./placing.js");
const { activeSequence, readTimeline } = require("./sequence.js");

const INSTALL_FILE = "plugin:/needledrop_install.json";

/**
 * @param {object} uxp the module "uxp"
 * @param {object} fs the module "fs"
 * @param {object} ppro the module "premierepro"
 * @param {(address: string) => WebSocket} openSocket
 */
function hostOf(uxp, fs, ppro, openSocket) {
  const readText = (path) => fs.readFile(path, { encoding: "utf-8" });
  const wait = (ms) => new Promise((resolve) => void setTimeout(resolve, ms));
  return {
    wait,
    install: () => readText(INSTALL_FILE).catch(() => ""),
    bridge: (bridgeDir) => new Bridge(bridgeDir, readText, openSocket, wait),
    open: (program) => uxp.shell.openPath(program, "Needledrop is not running; the panel asks it for music."),
    lay: layMusic,
    async timeline() {
      const { project, sequence } = await activeSequence(ppro);
      return { ppro, project, sequence, timeline: await readTimeline(ppro, project, sequence) };
    },
    save: (path, text) => fs.writeFile(path, text, { encoding: "utf-8" }),
    async play(path) {
      if (!(await ppro.SourceMonitor.openFilePath(path))) {
        throw new BridgeError("no-sound", "The Source Monitor did not open the music.", "Try again.");
      }
      await ppro.SourceMonitor.play(1);
    },
    async silence() {
      await ppro.SourceMonitor.closeClip();
    },
  };
}

module.exports = { hostOf };
