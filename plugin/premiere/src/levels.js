// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Gain, fades and ducking of a cue as keyframes of a clip's Level. Knows nothing of Premiere.
 *
 * Premiere draws straight lines between keyframes of the value it keeps, which is an amplitude: slopes are cut into
 * steps of at most STEP_DB, and the fades of equal power into FADE_PARTS.
 */
"use strict";

const STEP_DB = 3;
const FADE_PARTS = 6;
const LEAST_APART_S = 0.001;

/**
 * @param {object} original of a `use` answer
 * @param {number} lengthSeconds of the clip
 * @returns {{at: number, amplitude: number}[]} seconds from the clip's start; one where the level stays the same
 */
function levelKeys(original, lengthSeconds) {
  const fadeIn = Math.min(original.fade_in_s, lengthSeconds);
  const fadeOut = Math.min(original.fade_out_s, lengthSeconds);
  const duck = [...original.duck].sort((a, b) => a[0] - b[0]);
  const levelDb = (at) => original.gain_db + duckDb(duck, at);
  const amplitude = (at) => 10 ** (levelDb(at) / 20) * fadeShare(at, fadeIn) * fadeShare(lengthSeconds - at, fadeOut);
  const times = [0, lengthSeconds, ...fadeTimes(fadeIn), ...fadeTimes(fadeOut).map((at) => lengthSeconds - at)];
  for (let n = 0; n < duck.length; n += 1) {
    times.push(duck[n][0]);
    if (n > 0) {
      times.push(...slopeTimes(duck[n - 1], duck[n]));
    }
  }
  const sorted = times.filter((at) => at >= 0 && at <= lengthSeconds).sort((a, b) => a - b);
  const apart = sorted.filter((at, n) => n === 0 || at - sorted[n - 1] > LEAST_APART_S);
  const keys = apart.map((at) => ({ at, amplitude: amplitude(at) }));
  return keys.every((key) => Math.abs(key.amplitude - keys[0].amplitude) < 1e-9) ? keys.slice(0, 1) : keys;
}

function duckDb(duck, at) {
  const after = duck.findIndex((point) => point[0] > at);
  if (!duck.length) {
    return 0;
  }
  if (after <= 0) {
    return after === 0 ? duck[0][1] : duck[duck.length - 1][1];
  }
  const [from, to] = [duck[after - 1], duck[after]];
  return from[1] + ((to[1] - from[1]) * (at - from[0])) / (to[0] - from[0]);
}

function fadeShare(inside, fade) {
  return inside >= fade ? 1 : Math.sin(((Math.PI / 2) * Math.max(0, inside)) / fade);
}

function fadeTimes(fade) {
  return fade > 0 ? Array.from({ length: FADE_PARTS + 1 }, (_, n) => (fade * n) / FADE_PARTS) : [];
}

function slopeTimes(from, to) {
  const steps = Math.ceil(Math.abs(to[1] - from[1]) / STEP_DB);
  return Array.from({ length: Math.max(0, steps - 1) }, (_, n) => from[0] + ((to[0] - from[0]) * (n + 1)) / steps);
}

module.exports = { levelKeys };
