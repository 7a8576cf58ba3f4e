// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/** Joins the panel's parts when UXP loads it. */
"use strict";

const fs = require("fs");
const ppro = require("premierepro");
const uxp = require("uxp");

const { hostOf } = require("./src/host.js");
const { Session } = require("./src/session.js");
const { View } = require("./src/view.js");

const SETTINGS_KEY = "needledrop";
const FIRST_SETTINGS = { levels: "baked", markers: "sections" };

function readSettings() {
  try {
    return { ...FIRST_SETTINGS, ...JSON.parse(localStorage.getItem(SETTINGS_KEY)) };
  } catch {
    return FIRST_SETTINGS;
  }
}

function start() {
  const host = hostOf(uxp, fs, ppro, (address) => new WebSocket(address));
  const session = new Session(host, (state) => view.show(state));
  const how = () => ({ isEditable: view.settings.levels === "editable", markers: view.settings.markers });
  const view = new View(
    document,
    {
      suggest: (words) => session.suggest(words),
      cancel: () => session.cancel(),
      audition: (number) => session.audition(number),
      use: (number) => session.use(number, how()),
      open: () => session.open(),
      copyCredits: () => navigator.clipboard.writeText(session.credits()),
      choose: (settings) => localStorage.setItem(SETTINGS_KEY, JSON.stringify(settings)),
    },
    readSettings(),
  );
  view.show(session.state);
}

uxp.entrypoints.setup({ panels: { needledrop: { show: () => undefined } } });
start();
