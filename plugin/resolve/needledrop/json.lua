-- SPDX-FileCopyrightText: Needledrop contributors
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- JSON for request files, where the host has `io`. Lua has none of its own, and nothing may be installed into Resolve.

local json = {}

local SHORT = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local DEEPEST = 32

local function escaped(char)
  return string.format("\\u%04x", string.byte(char))
end

--- Text of a value: nil, booleans, finite numbers, strings in UTF-8, and tables with text as keys.
function json.encode(value)
  local kind = type(value)
  if kind == "string" then
    return '"' .. value:gsub('[%c"\\]', escaped) .. '"'
  elseif kind == "number" then
    assert(value == value and value ~= math.huge and value ~= -math.huge, "a number that JSON does not know")
    return string.format("%.14g", value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif kind == "table" then
    local members = {}
    for key, member in pairs(value) do
      members[#members + 1] = json.encode(tostring(key)) .. ":" .. json.encode(member)
    end
    table.sort(members)
    return "{" .. table.concat(members, ",") .. "}"
  end
  assert(value == nil, "a value that JSON does not know: " .. kind)
  return "null"
end

local function utf8_of(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 0x40), 0x80 + code % 0x40)
  elseif code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 0x1000), 0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
  end
  return string.char(
    0xF0 + math.floor(code / 0x40000),
    0x80 + math.floor(code / 0x1000) % 0x40,
    0x80 + math.floor(code / 0x40) % 0x40,
    0x80 + code % 0x40
  )
end

local function read_escape(text, at)
  local char = text:sub(at, at)
  if char ~= "u" then
    return assert(SHORT[char], "an escape that JSON does not know"), at + 1
  end
  local code = assert(tonumber(text:match("^%x%x%x%x", at + 1), 16), "half an escape")
  local low = tonumber(text:match("^\\u(%x%x%x%x)", at + 5) or "", 16)
  if code >= 0xD800 and code < 0xDC00 and low and low >= 0xDC00 and low < 0xE000 then
    return utf8_of(0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00), at + 11
  end
  return utf8_of(code), at + 5
end

local function read_string(text, at)
  local parts = {}
  while true do
    local plain, stop = text:match('^([^"\\]*)(["\\])', at)
    assert(plain, "a string without an end")
    parts[#parts + 1] = plain
    at = at + #plain + 1
    if stop == '"' then
      return table.concat(parts), at
    end
    parts[#parts + 1], at = read_escape(text, at)
  end
end

local read_value

local function skip(text, at)
  return text:find("%S", at) or #text + 1
end

local function read_members(text, at, closing, depth, read_one)
  local members = {}
  at = skip(text, at)
  if text:sub(at, at) == closing then
    return members, at + 1
  end
  while true do
    at = skip(text, read_one(members, skip(text, at), depth))
    local char = text:sub(at, at)
    at = at + 1
    if char == closing then
      return members, at
    end
    assert(char == ",", "no comma between two values")
  end
end

local WORDS = { { "true", true }, { "false", false }, { "null", nil } }

function read_value(text, at, depth)
  assert(depth < DEEPEST, "nested too deeply")
  local char = text:sub(at, at)
  if char == '"' then
    return read_string(text, at + 1)
  elseif char == "[" then
    return read_members(text, at + 1, "]", depth, function(members, place)
      local value, after = read_value(text, place, depth + 1)
      members[#members + 1] = value
      return after
    end)
  elseif char == "{" then
    return read_members(text, at + 1, "}", depth, function(members, place)
      assert(text:sub(place, place) == '"', "a name that is no string")
      local name, after = read_string(text, place + 1)
      after = skip(text, after)
      assert(text:sub(after, after) == ":", "a name without a value")
      members[name], after = read_value(text, skip(text, after + 1), depth + 1)
      return after
    end)
  end
  for _, word in ipairs(WORDS) do
    if text:sub(at, at + #word[1] - 1) == word[1] then
      return word[2], at + #word[1]
    end
  end
  local digits = assert(text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at), "no JSON")
  return assert(tonumber(digits), "a number that is none"), at + #digits
end

--- The value of a text; null and absent are both nil. Raises an error where it is no JSON.
function json.decode(text)
  local value, after = read_value(text, skip(text, 1), 0)
  assert(skip(text, after) > #text, "something after the value")
  return value
end

return json
