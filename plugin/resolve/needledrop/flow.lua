-- SPDX-FileCopyrightText: Needledrop contributors
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What choosing the menu item does. The free edition shows a script no window and, in 21.1, no text either, so the
-- timeline is the window: the first choice lays suggestions on new tracks of which one is heard, and writes the list into
-- a marker; the next choice uses the one that is heard, or shows the next ones where none is.

local flow = {}

local SHOWN = 3
local COUNT = 12
local PREVIEW = "Needledrop preview "
local STATE = "needledrop:list:"
local TROUBLE = "needledrop:trouble"
local LAID = "needledrop:used"
local FORGOTTEN = "no-job" -- The engine was started anew since the list was made.
local LIST_COLOUR, TROUBLE_COLOUR = "Sky", "Red"
local MARKED = { section = "Purple", downbeat = "Cream" } -- Every beat would hide the user's own markers.

local timeline, bridge, json, install

local function say(text)
  print("Needledrop: " .. text)
end

local function start_parts(parts)
  timeline = assert(loadfile(parts .. "timeline.lua"))()
  bridge = assert(loadfile(parts .. "bridge.lua"))()
  json = assert(loadfile(parts .. "json.lua"))()
  local told = loadfile(parts .. "needledrop_install.lua")
  install = told and told()
end

local function drop_notes(scene)
  scene.line:DeleteMarkerByCustomData(TROUBLE)
  local state = timeline.noted(scene.line, STATE)
  if state then
    scene.line:DeleteMarkerByCustomData(state)
  end
end

local function complain(scene, sentence, remedy)
  say(sentence .. " " .. (remedy or ""))
  scene.line:DeleteMarkerByCustomData(TROUBLE)
  timeline.note(scene.line, 0, TROUBLE_COLOUR, "Needledrop: " .. sentence, remedy or "", TROUBLE)
  return false
end

local function asked(scene, verb, arguments)
  local answer = scene.bridge.ask(verb, arguments)
  if answer.ok then
    return answer.result
  end
  if answer.error.code ~= FORGOTTEN then
    complain(scene, answer.error.sentence, answer.error.remedy)
  end
  return nil, answer.error.code
end

local function find_scene(resolve)
  local project = resolve:GetProjectManager():GetCurrentProject()
  local line = project and project:GetCurrentTimeline()
  if not line then
    say("There is no timeline. Open one, then choose this menu item again.")
    return nil
  end
  return {
    resolve = resolve,
    pool = project:GetMediaPool(),
    line = line,
    key = timeline.key(project, line),
    rate = timeline.rate(line:GetSetting("timelineFrameRate")),
  }
end

local function exported(scene)
  local path = install.bridge_dir .. "/exports/" .. bridge.new_id() .. ".otio"
  if scene.line:Export(path, scene.resolve.EXPORT_OTIO, scene.resolve.EXPORT_NONE) then
    return path
  end
  complain(scene, "Resolve did not export the timeline.", "Check that the disk is not full.")
  return nil
end

local function finished_list(scene, job)
  while true do
    local found = asked(scene, "list", { job = job, wait_s = 5 })
    if not found or found.state == "done" then
      return found
    elseif found.state ~= "running" then
      local why = found.error or { sentence = "Needledrop stopped looking.", remedy = "Try again." }
      complain(scene, why.sentence, why.remedy)
      return nil
    end
    local at = found.progress or { title = "Working", done = 0 }
    say(string.format("%s %s%s", at.title, at.done, at.total and (" / " .. at.total) or ""))
  end
end

local function ask_for_list(scene)
  local path = exported(scene)
  if not path then
    return nil
  end
  local in_s, out_s = timeline.marked_range(scene.line, scene.rate)
  local wish = { project = path, project_key = scene.key, count = COUNT, in_s = in_s, out_s = out_s }
  wish.frame_rate = string.format("%d/%d", scene.rate[1], scene.rate[2])
  local started = asked(scene, "suggest", wish)
  local found = started and finished_list(scene, started.job)
  return found, started and started.job
end

local function line_of(one)
  local facts = { string.format("%d. %s", one.number, one.title) }
  if one.artist and one.artist ~= "" then
    facts[#facts + 1] = one.artist
  end
  if one.bpm then
    facts[#facts + 1] = string.format("%.0f BPM", one.bpm)
  end
  facts[#facts + 1] = one.key
  facts[#facts + 1] = one.licence and one.licence ~= "" and one.licence or "licence unknown"
  facts[#facts + 1] = (one.reasons or {})[1]
  return table.concat(facts, ", ")
end

local function frame_at(scene, seconds)
  return math.floor(seconds * scene.rate[1] / scene.rate[2] + 0.5)
end

local function lay_preview(scene, job, one)
  local heard = asked(scene, "audition", { job = job, number = one.number })
  local media = heard and timeline.import(scene.pool, heard.path)
  if not media then
    return heard and complain(scene, "Resolve did not import " .. heard.path .. ".", "Check that the file is there.")
  end
  local first, last = frame_at(scene, one.start_s), frame_at(scene, one.end_s)
  local name = string.format("%s%d: %s", PREVIEW, one.number, one.title)
  local index, why = timeline.lay(scene.pool, scene.line, media, name, first, last - first, scene.rate)
  if not index then
    return complain(scene, why, "Nothing of your timeline was changed.")
  end
  return index
end

local function show(scene, job, found, after)
  drop_notes(scene)
  local lines, laid = {}, 0
  for _, one in ipairs(found.suggestions) do
    if one.number > after and one.number <= after + SHOWN then
      local index = lay_preview(scene, job, one)
      if not index then
        timeline.remove_tracks(scene.pool, scene.line, PREVIEW)
        return false
      end
      laid = laid + 1
      scene.line:SetTrackEnable("audio", index, laid == 1)
      lines[#lines + 1] = line_of(one)
    end
  end
  if laid == 0 then
    local why = found.notes and found.notes[1] or "There is nothing more to suggest."
    return complain(scene, why, "Add music to Needledrop, or choose another range with the in and out marks.")
  end
  lines[#lines + 1] = "Enable the track you want, disable the others, then choose Workspace > Scripts > Needledrop again."
  lines[#lines + 1] = "Disable all of them to see the next ones. To stop, delete the tracks named Needledrop preview."
  local note = table.concat(lines, "\n")
  say("\n" .. note)
  local state = string.format("%s%s:%d", STATE, job, after)
  timeline.note(scene.line, frame_at(scene, found.suggestions[1].start_s), LIST_COLOUR, "Needledrop: suggestions", note, state)
  return true
end

local function previews(scene)
  local shown, heard = 0, {}
  for index = 1, scene.line:GetTrackCount("audio") do
    local number = scene.line:GetTrackName("audio", index):match("^" .. PREVIEW .. "(%d+):")
    if number then
      shown = shown + 1
      if scene.line:GetIsTrackEnabled("audio", index) then
        heard[#heard + 1] = tonumber(number)
      end
    end
  end
  return shown, heard
end

local function suggest(scene)
  local found, job = ask_for_list(scene)
  return found and show(scene, job, found, 0) or false
end

local function suggest_anew(scene)
  say("The list was forgotten; here is a new one.")
  timeline.remove_tracks(scene.pool, scene.line, PREVIEW)
  drop_notes(scene)
  return suggest(scene)
end

local function use(scene, job, number)
  local cue, why_not = asked(scene, "use", { job = job, number = number })
  if not cue then
    return why_not == FORGOTTEN and suggest_anew(scene)
  end
  local media = timeline.import(scene.pool, cue.wav)
  if not media then
    return complain(scene, "Resolve did not import " .. cue.wav .. ".", "Check that the file is there.")
  end
  local name = "Music: " .. cue.title
  local index, why = timeline.lay(scene.pool, scene.line, media, name, cue.start_frame, cue.frames, scene.rate)
  if not index then
    return complain(scene, why, "The suggestions were left as they are.")
  end
  timeline.remove_tracks(scene.pool, scene.line, PREVIEW)
  drop_notes(scene)
  local marked = timeline.mark(scene.line, cue.markers, scene.rate, MARKED)
  timeline.note(scene.line, cue.start_frame, LIST_COLOUR, name, cue.attribution, LAID)
  say(string.format("%s lies on a new track, with %d markers.\n%s", cue.title, marked, cue.attribution))
  return true
end

local function next_ones(scene, job, after)
  local found, why_not = asked(scene, "list", { job = job })
  if not found then
    return why_not == FORGOTTEN and suggest_anew(scene)
  end
  timeline.remove_tracks(scene.pool, scene.line, PREVIEW)
  return show(scene, job, found, after + SHOWN)
end

local function go_on(scene, heard)
  local job, after = (timeline.noted(scene.line, STATE) or ""):match("^" .. STATE .. "(.+):(%d+)$")
  if not job then
    return suggest_anew(scene)
  elseif #heard > 1 then
    return complain(scene, "More than one suggestion is heard.", "Disable all but the one you want, then choose again.")
  elseif #heard == 1 then
    return use(scene, job, heard[1])
  end
  return next_ones(scene, job, tonumber(after))
end

--- Choose the menu item once. True where it did what was asked; otherwise a marker says why not.
function flow.run(resolve, parts)
  start_parts(parts)
  local scene = find_scene(resolve)
  if not scene then
    return false
  elseif not install then
    return complain(scene, "Needledrop is not installed completely.", "Run: needledrop plugin install resolve")
  end
  scene.bridge = bridge.open(install, json, scene.line, resolve.EXPORT_TEXT_CSV, resolve.EXPORT_NONE)
  local shown, heard = previews(scene)
  if shown > 0 then
    return go_on(scene, heard)
  end
  return suggest(scene)
end

return flow
