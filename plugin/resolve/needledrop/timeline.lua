-- SPDX-FileCopyrightText: Needledrop contributors
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What is done to the timeline: a new stereo track for each thing that is laid, and reading back what landed. Resolve
-- refuses without a word (a clip that overlaps another is dropped, a track is mono unless asked otherwise, functions
-- answer nil), so nothing it returns is taken for proof. Frames are counted from the timeline's first frame, except
-- where Resolve wants them absolute.

local timeline = {}

local BIN = "Needledrop"
local AUDIO_ONLY = 2
local KEY_PART = 8 -- Of a UUID's 32 digits: a question in a name must stay short, and two of these tell enough.
local EXACT_RATES = {
  ["23.976"] = { 24000, 1001 },
  ["29.97"] = { 30000, 1001 },
  ["47.952"] = { 48000, 1001 },
  ["59.94"] = { 60000, 1001 },
  ["95.904"] = { 96000, 1001 },
  ["119.88"] = { 120000, 1001 },
}

--- The frame rate as {numerator, denominator}; Resolve says "23.976", "29.97 DF" or a number.
function timeline.rate(setting)
  local digits = assert(tostring(setting):match("%d+%.?%d*"), "no frame rate")
  local number = tonumber(digits)
  for name, rate in pairs(EXACT_RATES) do
    if math.abs(number - tonumber(name)) < 0.002 then
      return rate
    end
  end
  return { math.floor(number + 0.5), 1 }
end

local function id_of(one)
  local id = one.GetUniqueId and one:GetUniqueId() or ""
  return tostring(id):gsub("[^%w]", ""):sub(1, KEY_PART)
end

--- What Needledrop knows the timeline by: the same each time, another for each timeline of each project. Nothing where
--- Resolve says none.
function timeline.key(project, line)
  local film, cut = id_of(project), id_of(line)
  return film ~= "" and cut ~= "" and film .. "-" .. cut or nil
end

--- The range between the marks in seconds, or nothing. The out mark is the last frame that is in.
function timeline.marked_range(line, rate)
  local marks = line.GetMarkInOut and line:GetMarkInOut() or {}
  local video = marks.video or marks.audio or {}
  local first, length = line:GetStartFrame(), line:GetEndFrame() - line:GetStartFrame()
  local function seconds(frame)
    local from_start = frame > length and frame - first or frame
    return math.floor(from_start * rate[2] / rate[1] * 1e6 + 0.5) / 1e6
  end
  return video["in"] and seconds(video["in"]), video.out and seconds(video.out + 1)
end

local function find_bin(pool)
  for _, folder in ipairs(pool:GetRootFolder():GetSubFolderList() or {}) do
    if folder:GetName() == BIN then
      return folder
    end
  end
  return nil
end

local function find_clip(folder, path)
  for _, clip in ipairs(folder:GetClipList() or {}) do
    if clip:GetClipProperty("File Path") == path then
      return clip
    end
  end
  return nil
end

--- The media of a WAV, in our bin; what the user had chosen as the current bin stays so.
function timeline.import(pool, path)
  local before = pool:GetCurrentFolder()
  local bin = find_bin(pool) or pool:AddSubFolder(pool:GetRootFolder(), BIN)
  if not bin then
    return nil
  end
  local clip = find_clip(bin, path)
  if not clip then
    pool:SetCurrentFolder(bin)
    clip = (pool:ImportMedia({ path }) or {})[1] or find_clip(bin, path)
    pool:SetCurrentFolder(before)
  end
  return clip
end

local function add_stereo_track(line, name)
  local before = line:GetTrackCount("audio")
  line:AddTrack("audio", "stereo")
  local index = line:GetTrackCount("audio")
  if index ~= before + 1 then
    return nil, "Resolve made no new audio track."
  end
  if line.GetTrackSubType and line:GetTrackSubType("audio", index) ~= "stereo" then
    line:DeleteTrack("audio", index)
    return nil, "Resolve made a track that is not stereo."
  end
  line:SetTrackName("audio", index, name)
  return index
end

local function only_item(line, index)
  local items = line:GetItemListInTrack("audio", index) or {}
  return #items == 1 and items[1] or nil
end

local function append(pool, line, media, index, record, last)
  pool:AppendToTimeline({
    {
      mediaPoolItem = media,
      startFrame = 0,
      endFrame = last,
      mediaType = AUDIO_ONLY,
      trackIndex = index,
      recordFrame = record,
    },
  })
  return only_item(line, index)
end

--- Lay media on a new stereo track, `frames` long from frame `first`; the track's number, or nil and why not.
--- Media of sound have a frame rate of their own: that of the project when they were imported.
function timeline.lay(pool, line, media, name, first, frames, rate)
  local index, why = add_stereo_track(line, name)
  if not index then
    return nil, why
  end
  local media_rate = tonumber(media:GetClipProperty("FPS")) and timeline.rate(media:GetClipProperty("FPS")) or rate
  local length = math.floor(frames * rate[2] / rate[1] * media_rate[1] / media_rate[2] + 0.5)
  local record = line:GetStartFrame() + first
  local item = append(pool, line, media, index, record, length - 1)
  if item and item:GetDuration() == frames - 1 then -- Versions differ on whether endFrame is still in.
    line:DeleteClips({ item }, false)
    item = append(pool, line, media, index, record, length)
  end
  if item and item:GetStart() == record and math.abs(item:GetDuration() - frames) <= 1 then
    return index
  end
  line:DeleteTrack("audio", index)
  if not item then
    return nil, "Resolve dropped the clip without saying why."
  end
  return nil, string.format(
    "Resolve laid the clip at frame %d for %d frames, not at %d for %d.",
    item:GetStart(), item:GetDuration(), record, frames
  )
end

local function split_by_owner(line, index, bin)
  local ours, media, others = {}, {}, 0
  for _, item in ipairs(line:GetItemListInTrack("audio", index) or {}) do
    local clip = item:GetMediaPoolItem()
    if bin and clip and find_clip(bin, clip:GetClipProperty("File Path")) then
      ours[#ours + 1], media[#media + 1] = item, clip
    else
      others = others + 1
    end
  end
  return ours, media, others
end

--- Take away the tracks whose name begins so, and their media from our bin. One on which the user has put something
--- stays with it, under a name that is not ours: a clip deleted from the pool is gone from all timelines.
function timeline.remove_tracks(pool, line, prefix)
  local bin = find_bin(pool)
  for index = line:GetTrackCount("audio"), 1, -1 do
    if line:GetTrackName("audio", index):sub(1, #prefix) == prefix then
      local ours, media, others = split_by_owner(line, index, bin)
      if others == 0 then
        line:DeleteTrack("audio", index)
      else
        line:DeleteClips(ours, false)
        line:SetTrackName("audio", index, "Audio " .. index)
      end
      if #media > 0 then
        pool:DeleteClips(media)
      end
    end
  end
end

--- Add markers {at_s, name, kind}; returns how many of them Resolve took. One frame holds one marker, and the user's stay.
function timeline.mark(line, markers, rate, colours)
  local laid = 0
  for _, marker in ipairs(markers) do
    local colour = colours[marker.kind]
    if colour then
      local frame = math.floor(marker.at_s * rate[1] / rate[2] + 0.5)
      if line:AddMarker(frame, colour, marker.name, "", 1, "needledrop:music") then
        laid = laid + 1
      end
    end
  end
  return laid
end

--- Add one marker with a note, on the first frame from `frame` on that has none.
function timeline.note(line, frame, colour, name, note, data)
  for at = frame, frame + 25 do
    if line:AddMarker(at, colour, name, note, 1, data) then
      return at
    end
  end
  return nil
end

--- The data of our marker whose data begin so, or nil.
function timeline.noted(line, prefix)
  for _, marker in pairs(line:GetMarkers() or {}) do
    if type(marker) == "table" and (marker.customData or ""):sub(1, #prefix) == prefix then
      return marker.customData
    end
  end
  return nil
end

return timeline
