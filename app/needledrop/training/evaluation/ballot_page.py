# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page a listener fills in: videos with music, no names. Opened as a file, it saves the answers as a file.

It knows nothing of systems or tracks: an option is a token and a file, so that nobody can look up who chose what.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from needledrop.training.evaluation.page_style import STYLE, json_in_page

BALLOT_FORMAT = 1
ASPECTS = {
    "semantic": "It suits what is shown",
    "rhythm": "Its rhythm suits the movement and the cuts",
    "emotion": "Its mood suits that of the video",
}
TRAININGS = {
    "none": "None",
    "under-3": "Less than 3 years of lessons or playing",
    "3-to-10": "3 to 10 years",
    "over-10": "More than 10 years, or a profession",
}
BEST_RATING = 5


def ballot_page(test_id: str, questions: Sequence[dict[str, Any]]) -> str:
    """The page of a test; questions: {"number": int, "options": [{"token": str, "file": str}]}, files relative to the
    page."""
    data = {
        "format": BALLOT_FORMAT, "test": test_id, "questions": list(questions), "aspects": ASPECTS,
        "trainings": TRAININGS, "best": BEST_RATING,
    }  # fmt: skip
    return _PAGE.replace("%STYLE%", STYLE).replace("%SCRIPT%", _SCRIPT).replace("%DATA%", json_in_page(data))


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Listening test</title>
<style>%STYLE%
.options { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; }
.options label { display: block; margin: .35rem 0; }
</style>
</head>
<body>
<h1>Listening test</h1>
<p>Each question shows one video several times, each time with other music. Watch every version with sound, with
headphones if you have some, then choose the one you like best for this video and rate how well each fits. All versions
are equally loud. There are no right answers. Some questions may come again; answer them as you feel then.</p>
<section>
<p><label>A name or number of your own choice, so that your answers can be told from those of others:
<input id="rater" maxlength="80" autocomplete="off"></label></p>
<p><label>How much musical training do you have? <select id="training"></select></label></p>
</section>
<div id="questions"></div>
<section>
<p id="state" class="quiet" role="status"></p>
<p><button id="save" type="button">Save my answers</button>
<span class="quiet">A file is saved on this computer; send it to whoever asked you. Nothing is sent by
itself.</span></p>
</section>
<noscript><p class="bad">This page needs JavaScript to save your answers.</p></noscript>
<script type="application/json" id="data">%DATA%</script>
<script>%SCRIPT%</script>
</body>
</html>
"""

_SCRIPT = """
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const answers = data.questions.map(question => ({question: question.number, preferred: undefined, order: [], fit: {}}));
let isSaved = true;

function made(tag, text, parent) {
  const element = document.createElement(tag);
  element.textContent = text;
  parent.append(element);
  return element;
}

function shuffled(items) {
  const order = items.slice();
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

function chooser(parent, name, text, take) {
  const label = made("label", "", parent);
  const input = made("input", "", label);
  input.type = "radio";
  input.name = name;
  input.addEventListener("change", () => { take(); isSaved = false; tellState(); });
  label.append(" " + text);
}

function rating(parent, answer, token, aspect) {
  const label = made("label", data.aspects[aspect] + ": ", parent);
  const select = made("select", "", label);
  made("option", "not rated", select).value = "";
  for (let value = 1; value <= data.best; value++) {
    const hint = value === 1 ? " (not at all)" : value === data.best ? " (very well)" : "";
    made("option", value + hint, select).value = String(value);
  }
  select.addEventListener("change", () => {
    answer.fit[token] = answer.fit[token] || {};
    if (select.value) answer.fit[token][aspect] = Number(select.value);
    else delete answer.fit[token][aspect];
    isSaved = false;
  });
}

function showQuestion(question, answer) {
  const section = made("section", "", document.getElementById("questions"));
  made("h2", "Question " + question.number + " of " + data.questions.length, section);
  const grid = made("div", "", section);
  grid.className = "options";
  const options = shuffled(question.options);
  answer.order = options.map(option => option.token);
  options.forEach((option, place) => {
    const letter = String.fromCharCode(65 + place);
    const card = made("div", "", grid);
    made("h3", "Version " + letter, card);
    const video = made("video", "", card);
    video.controls = true;
    video.preload = "metadata";
    video.src = option.file;
    video.addEventListener("play", () => {
      for (const other of document.querySelectorAll("video")) if (other !== video) other.pause();
    });
    chooser(card, "q" + question.number, "I like this one best", () => { answer.preferred = option.token; });
    for (const aspect of Object.keys(data.aspects)) rating(card, answer, option.token, aspect);
  });
  chooser(section, "q" + question.number, "I like none of them better than the others",
          () => { answer.preferred = null; });
}

function tellState() {
  const done = answers.filter(answer => answer.preferred !== undefined).length;
  document.getElementById("state").textContent = done + " of " + answers.length + " questions are answered.";
}

function save() {
  const rater = document.getElementById("rater").value.trim();
  const training = document.getElementById("training").value;
  if (!rater || !training) {
    document.getElementById("state").textContent = "Please give a name and say how much musical training you have.";
    return;
  }
  const given = answers.filter(answer => answer.preferred !== undefined);
  const ballot = {format: data.format, test: data.test, rater: rater, training: training, answers: given};
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(ballot, null, 1)], {type: "application/json"}));
  link.download = "ballot-" + data.test + "-" + rater.replace(/[^A-Za-z0-9]+/g, "_") + ".json";
  link.click();
  isSaved = true;
}

const trainings = document.getElementById("training");
made("option", "please choose", trainings).value = "";
for (const [name, text] of Object.entries(data.trainings)) made("option", text, trainings).value = name;
data.questions.forEach((question, place) => showQuestion(question, answers[place]));
document.getElementById("save").addEventListener("click", save);
window.addEventListener("beforeunload", event => { if (!isSaved) event.preventDefault(); });
tellState();
"""
