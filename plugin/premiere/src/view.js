// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Draws the panel from a session's state. Computes nothing, asks nobody.
 *
 * UXP is no browser: no grid, no gap, no data attributes, and its buttons cannot be styled, so rows and buttons are
 * divs with a role.
 */
"use strict";

const LEVELS = [
  ["baked", "Finished sound", "One WAV with fades, ducking and loudness in it: exact to the sample"],
  ["editable", "Keyframes", "The track's own file; fades and ducking are keyframes of the clip's Level"],
];
const MARKERS = [
  ["none", "None", "No markers"],
  ["sections", "Sections", "A marker where a part of the music begins"],
  ["downbeats", "Bars", "Sections, and the first beat of each bar"],
  ["beats", "Beats", "Sections and all beats"],
];

const MOST_REASONS = 3;

class View {
  /**
   * @param {Document} document
   * @param {object} actions { suggest(words), cancel(), audition(number), use(number), open(), copyCredits(),
   *   choose(settings) }
   * @param {{levels: string, markers: string}} settings as they were left
   */
  constructor(document, actions, settings) {
    this.document = document;
    this.actions = actions;
    this.settings = { ...settings };
    this.selected = 1;
    this.state = null;
    this.words = document.getElementById("words");
    this.words.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        actions.suggest(this.words.value);
      }
      event.stopPropagation();
    });
    document.addEventListener("keydown", (event) => this.press(event));
  }

  show(state) {
    if (!this.state || state.suggestions !== this.state.suggestions) {
      this.selected = 1;
    }
    this.state = state;
    this.fill("range", [this.text("div", "range", state.range || "The sequence from in-point to out-point")]);
    this.fill("action", [this.mainButton(state)]);
    this.fill("status", this.statusParts(state));
    this.fill("list", this.listParts(state));
    this.fill("options", [
      this.choice("Lay", LEVELS, "levels"),
      this.choice("Markers", MARKERS, "markers"),
      ...this.laidParts(state),
    ]);
  }

  press(event) {
    if (!this.state || this.state.kind !== "listed" || this.state.step) {
      return;
    }
    const count = this.state.suggestions.length;
    const number = Number(event.key);
    if (number >= 1 && number <= count) {
      this.select(number);
      this.actions.audition(number);
    } else if (event.key === "Enter") {
      this.actions.use(this.selected);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.select(Math.min(count, Math.max(1, this.selected + (event.key === "ArrowDown" ? 1 : -1))));
    } else {
      return;
    }
    event.preventDefault();
  }

  select(number) {
    this.selected = number;
    this.show(this.state);
  }

  mainButton(state) {
    if (state.kind === "searching") {
      return this.button("Stop", "button", () => this.actions.cancel());
    }
    const isNext = state.kind !== "listed" || !state.suggestions.length;
    const className = isNext ? "button primary" : "button";
    return this.button("Suggest music", className, () => this.actions.suggest(this.words.value));
  }

  statusParts(state) {
    const parts = [];
    if (state.step) {
      parts.push(this.text("div", "step", `${state.step}…`));
    }
    if (state.share !== null) {
      parts.push(this.bar("progress", state.share));
    }
    if (state.error) {
      const box = this.box("error", [
        this.text("div", "sentence", state.error.sentence),
        this.text("div", "remedy", state.error.remedy || ""),
      ]);
      if (state.program) {
        box.appendChild(this.button("Open Needledrop", "button", () => this.actions.open()));
      }
      parts.push(box);
    }
    return [...parts, ...state.notes.map((note) => this.text("div", "note", note))];
  }

  listParts(state) {
    if (state.kind === "empty") {
      return [this.text("div", "hint", "Finds music in your own library that fits this cut, and lays it on the beat.")];
    }
    if (state.kind === "listed" && !state.suggestions.length) {
      return [this.text("div", "hint", "Nothing in your library fits. Widen the range, or change the words.")];
    }
    return state.suggestions.map((one) => this.row(one, state));
  }

  row(one, state) {
    const isChosen = one.number === this.selected;
    const isHeard = one.number === state.heard;
    const title = this.box("line", [
      this.text("div", "number", String(one.number)),
      this.text("div", "title", one.title),
      this.text("div", "licence", one.licence || "licence not known"),
    ]);
    const facts = this.box("line", [
      this.text("div", "facts", factsOf(one)),
      this.bar("match", one.match, `Match ${one.match.toFixed(2)} of 1`),
    ]);
    const row = this.box(`row${isChosen ? " chosen" : ""}${isHeard ? " heard" : ""}`, [title, facts]);
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(isChosen));
    row.setAttribute("title", one.title);
    row.addEventListener("click", () => this.select(one.number));
    if (isChosen) {
      row.appendChild(this.details(one, state, isHeard));
    }
    return row;
  }

  details(one, state, isHeard) {
    const reasons = one.reasons.slice(0, MOST_REASONS).map((reason) => this.text("div", "reason", reason));
    const warnings = (one.warnings || []).map((warning) => this.text("div", "warning", warning));
    const isBusy = Boolean(state.step);
    const buttons = this.box("line buttons", [
      this.button(isHeard ? "Stop" : "Listen", "button half", () => this.actions.audition(one.number), isBusy),
      this.button("Use", "button primary half", () => this.actions.use(one.number), isBusy),
    ]);
    return this.box("details", [...reasons, ...warnings, buttons]);
  }

  choice(label, values, name) {
    const parts = values.map(([value, words, tip]) => {
      const isOn = this.settings[name] === value;
      const part = this.button(words, `segment${isOn ? " on" : ""}`, () => this.choose(name, value));
      part.setAttribute("title", tip);
      part.setAttribute("aria-pressed", String(isOn));
      return part;
    });
    return this.box("choice", [this.text("div", "label", label), this.box("segments", parts)]);
  }

  choose(name, value) {
    this.settings = { ...this.settings, [name]: value };
    this.actions.choose(this.settings);
    this.show(this.state);
  }

  laidParts(state) {
    const last = state.laid[state.laid.length - 1];
    if (!last) {
      return [];
    }
    return [
      this.box("line laid", [
        this.text("div", "facts", `${last.title} is on ${last.track}.`),
        this.button("Copy credits", "link", () => this.actions.copyCredits()),
      ]),
    ];
  }

  button(words, className, act, isOff = false) {
    const part = this.text("div", `${className}${isOff ? " off" : ""}`, words);
    part.setAttribute("role", "button");
    part.setAttribute("tabindex", "0");
    part.setAttribute("aria-disabled", String(isOff));
    if (!isOff) {
      part.addEventListener("click", (event) => {
        event.stopPropagation();
        act();
      });
      part.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.stopPropagation();
          event.preventDefault();
          act();
        }
      });
    }
    return part;
  }

  bar(className, share, tip = "") {
    const fill = this.text("div", "fill", "");
    fill.style.width = `${Math.round(100 * Math.min(1, Math.max(0, share || 0)))}%`;
    const bar = this.box(className, [fill]);
    bar.setAttribute("title", tip);
    return bar;
  }

  box(className, parts) {
    const box = this.text("div", className, "");
    parts.forEach((part) => box.appendChild(part));
    return box;
  }

  text(tag, className, words) {
    const part = this.document.createElement(tag);
    part.className = className;
    part.textContent = words;
    return part;
  }

  fill(id, parts) {
    const place = this.document.getElementById(id);
    while (place.firstChild) {
      place.removeChild(place.firstChild);
    }
    parts.forEach((part) => place.appendChild(part));
  }
}

function factsOf(one) {
  const length = `${Math.floor(one.duration_s / 60)}:${String(Math.floor(one.duration_s % 60)).padStart(2, "0")}`;
  const tempo = one.bpm ? `${Math.round(one.bpm)} BPM` : "";
  return [one.artist, tempo, one.key, length].filter(Boolean).join(" · ");
}

module.exports = { View };
