-- SPDX-FileCopyrightText: Needledrop contributors
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Asks Needledrop a question and waits for its answer. Two ways, as the host allows:
--   files    request files in JSON (docs/plugin-protocol.md): where `io` is there, that is in Resolve Studio and in the
--            free edition up to 21.0.
--   exports  the free edition of 21.1 gives a script neither `io` nor `os.rename`, but Resolve itself may write files:
--            the question is the name of a list of the timeline's clips that Resolve exports, the answer is Lua.

local bridge = {}

local ANSWER_S = 45 -- Baking a long cue on a slow machine; what takes longer is a job and is asked about again.
local AWAKE_S = 2
local START_S = 20
local LOOK_S = 0.1

local count = 0
-- Each choice of the menu item is a script of its own: the time alone would begin the same names anew within a second.
-- Kept short: a question in a name holds two of these, and Windows takes paths of 260 characters.
local RUN = string.format("%x-%s", math.floor(os.clock() * 1e6) % 2 ^ 31, tostring({}):sub(-6))

--- A name for a question that was never used before.
function bridge.new_id()
  count = count + 1
  return string.format("r-%x-%s-%d", os.time(), RUN, count):lower()
end

local function percent(text)
  return (tostring(text):gsub("[^%w_-]", function(char)
    return string.format("%%%02X", char:byte())
  end))
end

-- A path is told by its name alone: the file lies in the same folder, and names may not become longer than 255.
local function query_of(arguments)
  local pairs_of = {}
  for name, value in pairs(arguments) do
    local said = name == "project" and value:match("[^/]+$") or value
    pairs_of[#pairs_of + 1] = percent(name) .. "=" .. percent(said)
  end
  table.sort(pairs_of)
  return table.concat(pairs_of, "&")
end

local function write_request(install, json, id, verb, arguments)
  local path = install.bridge_dir .. "/requests/" .. id .. ".json"
  local file = io.open(path .. ".tmp", "wb")
  if not file then
    return false
  end
  file:write(json.encode({ schema = 1, id = id, verb = verb, arguments = arguments }))
  file:close()
  return os.rename(path .. ".tmp", path)
end

local function answer_of_files(install, json, id)
  local path = install.bridge_dir .. "/answers/" .. id .. ".json"
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  os.remove(path)
  return json.decode(text)
end

local function answer_of_exports(install, id)
  local answer = loadfile(install.bridge_dir .. "/answers/" .. id .. ".lua")
  return answer and answer() or nil
end

local function quoted(words)
  local parts = {}
  for _, word in ipairs(words) do
    if package.config:sub(1, 1) == "\\" then
      parts[#parts + 1] = '"' .. word .. '"'
    else
      parts[#parts + 1] = "'" .. word:gsub("'", "'\\''") .. "'"
    end
  end
  return table.concat(parts, " ")
end

local function start_engine(install)
  if not (os.execute and package and install.launch) then
    return false
  end
  if package.config:sub(1, 1) == "\\" then
    os.execute('start "" /B ' .. quoted(install.launch))
  else
    os.execute(quoted(install.launch) .. " >/dev/null 2>&1 &")
  end
  return true
end

local function failure(sentence, remedy)
  return { ok = false, error = { code = "no-engine", sentence = sentence, remedy = remedy } }
end

--- A way to ask. `install` is needledrop_install.lua, `timeline` what Resolve exports where that is the way,
--- `export_type` its resolve.EXPORT_TEXT_CSV.
function bridge.open(install, json, timeline, export_type, export_subtype)
  local self = { way = io and "files" or "exports", install = install, is_awake = false }

  local function send(id, verb, arguments)
    if self.way == "files" then
      return write_request(install, json, id, verb, arguments)
    end
    local name = string.format("%s.%s.%s.csv", id, verb, query_of(arguments))
    return timeline:Export(install.bridge_dir .. "/exports/" .. name, export_type, export_subtype)
  end

  local function receive(id, seconds)
    for _ = 1, math.ceil(seconds / LOOK_S) do
      local answer
      if self.way == "files" then
        answer = answer_of_files(install, json, id)
      else
        answer = answer_of_exports(install, id)
      end
      if answer then
        return answer
      end
      bmd.wait(LOOK_S)
    end
    return nil
  end

  local function wake()
    local id = bridge.new_id()
    if send(id, "status", {}) then
      if receive(id, AWAKE_S) then
        return true
      end
    end
    if not start_engine(install) then
      return false
    end
    for _ = 1, START_S / AWAKE_S do
      local again = bridge.new_id()
      if send(again, "status", {}) and receive(again, AWAKE_S) then
        return true
      end
      bmd.wait(LOOK_S)
    end
    return false
  end

  --- The answer to a verb: {ok = true, result = ...} or {ok = false, error = {code, sentence, remedy}}.
  function self.ask(verb, arguments)
    self.is_awake = self.is_awake or wake()
    if not self.is_awake then
      return failure("Needledrop does not answer.", "Start Needledrop, then choose this menu item again.")
    end
    local id = bridge.new_id()
    if not send(id, verb, arguments) then
      return failure("The question to Needledrop could not be written.", "Check that the disk is not full.")
    end
    return receive(id, ANSWER_S) or failure("Needledrop stopped answering.", "Start Needledrop, then try again.")
  end

  return self
end

return bridge
