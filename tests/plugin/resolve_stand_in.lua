-- SPDX-FileCopyrightText: Needledrop contributors
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A stand-in of DaVinci Resolve's scripting API, written from Blackmagic's README (20.3, 21.0) and from what others
-- measured: a new track is mono unless asked otherwise; a clip that overlaps another is dropped while the call still
-- returns an item; a timeline name that is taken makes nothing; a frame holds one marker; endFrame is in or not, by version;
-- sound takes the project's rate. A method that is not in the README is an error, so that no call is made up.
--
-- Usage: lua resolve_stand_in.lua SCENE.lua    It runs the scene's steps, then prints what became of the project as JSON.

local scene = assert(dofile(arg[1]))
local real = { open = io.open, write = io.write, execute = os.execute, dofile = dofile }
local json = dofile(scene.parts .. "json.lua")
local said = {}

local function class(name, methods)
  return function(fields)
    return setmetatable(fields, {
      __index = function(_, key)
        for _, missing in ipairs(scene.missing or {}) do
          if missing == key then
            return nil
          end
        end
        return assert(methods[key], name .. " has no method " .. tostring(key))
      end,
    })
  end
end

local function exists(path)
  local file = real.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

local Clip = class("MediaPoolItem", {
  GetClipProperty = function(self, name)
    return ({ ["File Path"] = rawget(self, "path"), FPS = rawget(self, "fps") })[name] or ""
  end,
})

local Folder = class("Folder", {
  GetName = function(self)
    return rawget(self, "name")
  end,
  GetSubFolderList = function(self)
    return rawget(self, "folders")
  end,
  GetClipList = function(self)
    return rawget(self, "clips")
  end,
})

local Item = class("TimelineItem", {
  GetStart = function(self)
    return rawget(self, "start")
  end,
  GetDuration = function(self)
    return rawget(self, "length")
  end,
  GetMediaPoolItem = function(self)
    return rawget(self, "clip")
  end,
})

local function new_track(kind, name)
  return { kind = kind, name = name, enabled = true, items = {} }
end

local tracks, markers, appended = {}, {}, 0
for index, name in ipairs(scene.tracks) do
  tracks[index] = new_track("stereo", name)
end
for _, frame in ipairs(scene.markers or {}) do
  markers[frame] = { color = "Blue", name = "the user's", note = "", duration = 1, customData = "" }
end

local Timeline = class("Timeline", {
  GetUniqueId = function()
    return scene.line_id or "aabbccdd-0000-4111-8222-333344445555"
  end,
  GetStartFrame = function()
    return scene.start_frame
  end,
  GetEndFrame = function()
    return scene.start_frame + scene.length
  end,
  GetSetting = function(_, name)
    assert(name == "timelineFrameRate")
    return scene.rate
  end,
  GetMarkInOut = function()
    return scene.marks or {}
  end,
  GetTrackCount = function(_, kind)
    assert(kind == "audio")
    return #tracks
  end,
  AddTrack = function(_, kind, sub)
    assert(kind == "audio")
    if scene.makes_no_track then
      return false
    end
    tracks[#tracks + 1] = new_track(not scene.makes_mono and sub or "mono", "Audio " .. #tracks + 1)
    return true
  end,
  DeleteTrack = function(_, _, index)
    return table.remove(tracks, index) ~= nil
  end,
  GetTrackSubType = function(_, _, index)
    return tracks[index].kind
  end,
  SetTrackName = function(_, _, index, name)
    tracks[index].name = name
    return true
  end,
  GetTrackName = function(_, _, index)
    return tracks[index].name
  end,
  SetTrackEnable = function(_, _, index, enabled)
    tracks[index].enabled = enabled
    return true
  end,
  GetIsTrackEnabled = function(_, _, index)
    return tracks[index].enabled
  end,
  GetItemListInTrack = function(_, _, index)
    return tracks[index].items
  end,
  DeleteClips = function(_, items)
    for _, item in ipairs(items) do
      for _, track in ipairs(tracks) do
        for at = #track.items, 1, -1 do
          if track.items[at] == item then
            table.remove(track.items, at)
          end
        end
      end
    end
    return true
  end,
  AddMarker = function(_, frame, color, name, note, duration, data)
    if markers[frame] or frame < 0 or frame >= scene.length then
      return false
    end
    markers[frame] = { color = color, name = name, note = note, duration = duration, customData = data }
    return true
  end,
  GetMarkers = function()
    return markers
  end,
  DeleteMarkerByCustomData = function(_, data)
    for frame, marker in pairs(markers) do
      if marker.customData == data then
        markers[frame] = nil
        return true
      end
    end
    return false
  end,
  Export = function(_, path, kind, sub)
    assert(type(kind) == "number" and type(sub) == "number", "export constants are the live values")
    local file = not scene.exports_nothing and real.open(path, "wb")
    if not file then
      return false
    end
    file:write("exported")
    file:close()
    return true
  end,
})

local root = Folder({ name = "Master", folders = {}, clips = {} })
local current = root

local Pool = class("MediaPool", {
  GetRootFolder = function()
    return root
  end,
  GetCurrentFolder = function()
    return current
  end,
  SetCurrentFolder = function(_, folder)
    current = folder
    return true
  end,
  AddSubFolder = function(_, folder, name)
    local made = Folder({ name = name, folders = {}, clips = {} })
    table.insert(rawget(folder, "folders"), made)
    return made
  end,
  ImportMedia = function(_, paths)
    local made = {}
    for _, path in ipairs(paths) do
      if exists(path) then
        made[#made + 1] = Clip({ path = path, fps = scene.media_rate or scene.rate })
        table.insert(rawget(current, "clips"), made[#made])
      end
    end
    return made
  end,
  DeleteClips = function(_, clips)
    for _, clip in ipairs(clips) do
      local folders = { root }
      for _, folder in ipairs(rawget(root, "folders")) do
        folders[#folders + 1] = folder
      end
      for _, folder in ipairs(folders) do
        local held = rawget(folder, "clips")
        for at = #held, 1, -1 do
          if held[at] == clip then
            table.remove(held, at)
          end
        end
      end
    end
    return true
  end,
  AppendToTimeline = function(_, infos)
    local made = {}
    for _, info in ipairs(infos) do
      assert(info.mediaType == 2, "audio only")
      local source = info.endFrame - info.startFrame + (scene.end_is_out and 0 or 1)
      local media_rate = tonumber((tostring(scene.media_rate or scene.rate):match("[%d.]+")))
      local length = math.floor(source * tonumber((scene.rate:match("[%d.]+"))) / media_rate + 0.5)
      local item = Item({ start = info.recordFrame, length = length, clip = info.mediaPoolItem })
      local track, is_free = tracks[info.trackIndex], info.recordFrame >= scene.start_frame
      for _, other in ipairs(track and track.items or {}) do
        local first, last = rawget(other, "start"), rawget(other, "start") + rawget(other, "length")
        is_free = is_free and (info.recordFrame >= last or info.recordFrame + length <= first)
      end
      appended = appended + 1
      if track and is_free and appended <= (scene.takes_clips or math.huge) then
        table.insert(track.items, item)
      end
      made[#made + 1] = item
    end
    return made
  end,
})

local line = not scene.has_no_timeline and Timeline({}) or nil
local pool = Pool({})
local Project = class("Project", {
  GetUniqueId = function()
    return "11223344-5566-4777-8888-99aabbccddee"
  end,
  GetCurrentTimeline = function()
    return line
  end,
  GetMediaPool = function()
    return pool
  end,
})
local Manager = class("ProjectManager", {
  GetCurrentProject = function()
    return Project({})
  end,
})
resolve = class("Resolve", {
  GetProjectManager = function()
    return Manager({})
  end,
})({ EXPORT_OTIO = 14.0, EXPORT_TEXT_CSV = 10.0, EXPORT_NONE = -1.0 })

bmd = {
  wait = function(seconds)
    real.execute("sleep " .. seconds)
  end,
}

print = function(...)
  said[#said + 1] = table.concat({ ... }, "\t")
end

-- What the Scripts menu of the free edition 21.1 takes away from Lua.
local function shut()
  io, require, package, debug, arg = nil, nil, nil, nil, nil
  os.execute, os.remove, os.rename, os.exit = nil, nil, nil, nil
end

local function step(name, value)
  if name == "choose" then
    local ok, why = pcall(real.dofile, scene.script)
    if not ok then
      said[#said + 1] = "raised: " .. tostring(why)
    end
  elseif name == "hear" then
    for _, track in ipairs(tracks) do
      if track.name:match("^Needledrop preview ") then
        track.enabled = value ~= 0 and track.name:match("^Needledrop preview " .. value .. ":") ~= nil
      end
    end
  elseif name == "put" then -- A clip of the user's own, at the end of the track of that number.
    local clip = Clip({ path = "/films/voice.wav", fps = scene.rate })
    table.insert(rawget(root, "clips"), clip)
    table.insert(tracks[value].items, Item({ start = scene.start_frame + 900, length = 50, clip = clip }))
  elseif name == "hear all" then
    for _, track in ipairs(tracks) do
      track.enabled = true
    end
  end
end

local out = io.stdout
if scene.is_shut then
  shut()
end
for _, one in ipairs(scene.steps) do
  step(one[1], one[2])
end

local told = { tracks = {}, markers = {}, clips = {}, said = table.concat(said, "\n"), bin = rawget(current, "name") }
told.master = #rawget(root, "clips")
for index, track in ipairs(tracks) do
  local items = {}
  for at, item in ipairs(track.items) do
    items[at] = {
      start = rawget(item, "start"),
      length = rawget(item, "length"),
      path = rawget(rawget(item, "clip"), "path"),
    }
  end
  told.tracks[index] = { name = track.name, kind = track.kind, enabled = track.enabled, items = items }
end
for frame, marker in pairs(markers) do
  told.markers[tostring(frame)] = marker
end
for _, folder in ipairs(rawget(root, "folders")) do
  for at, clip in ipairs(rawget(folder, "clips")) do
    told.clips[at] = rawget(clip, "path")
  end
end
out:write(json.encode(told), "\n")
