-- SPDX-FileCopyrightText: Needledrop contributors
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The menu item: Workspace > Scripts > Needledrop. Works in the free edition; changes no clip and no track of the user.
-- It finds its own parts by the folders Resolve documents: in the free edition of 21.1 a script is told neither its
-- path nor given `require`, `debug`, `io` or `arg`.

local function fusion_folders()
  local home, roaming = os.getenv("HOME"), os.getenv("APPDATA")
  local folders = {}
  if roaming then
    folders[#folders + 1] = roaming .. "\\Blackmagic Design\\DaVinci Resolve\\Support\\Fusion\\"
  end
  if home then
    folders[#folders + 1] = home .. "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/"
    folders[#folders + 1] = home .. "/.local/share/DaVinciResolve/Fusion/"
  end
  return folders
end

local function load_parts()
  for _, folder in ipairs(fusion_folders()) do
    local parts = folder .. "Modules/Lua/needledrop/"
    local flow = loadfile(parts .. "flow.lua")
    if flow then
      return flow(), parts
    end
  end
  return nil
end

local flow, parts = load_parts()
if not flow then
  error("Needledrop is not installed completely: run `needledrop plugin install resolve` again.", 0)
end
flow.run(resolve or Resolve(), parts)
