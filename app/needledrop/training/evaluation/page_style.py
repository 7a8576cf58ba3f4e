# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The look of the pages that the lab writes, and how values get into them. Dark, no network, no fonts of others."""

from __future__ import annotations

import json
from typing import Any

STYLE = """
:root { color-scheme: dark; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: #16181d; color: #e6e6e6;
  font: 16px/1.5 system-ui, sans-serif; }
h1, h2, h3 { font-weight: 600; line-height: 1.25; margin: 1.2em 0 .4em; }
p { max-width: 44rem; }
section { background: #1f2229; border: 1px solid #343944; border-radius: 8px; padding: 1rem 1.25rem; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #343944; vertical-align: top; }
th { color: #aab2c0; font-weight: 500; }
img, video { display: block; max-width: 100%; border-radius: 4px; background: #000; }
audio { width: 15rem; height: 2.2rem; }
button, input, select { font: inherit; color: inherit; background: #2a2f39; border: 1px solid #4a5160;
  border-radius: 5px; padding: .35rem .7rem; }
button { cursor: pointer; }
button:focus-visible, input:focus-visible, select:focus-visible { outline: 2px solid #7fb4ff; outline-offset: 2px; }
.quiet { color: #aab2c0; }
.good { color: #8fd694; }
.bad { color: #f2a38c; }
"""


def json_in_page(value: Any) -> str:
    """A value as JSON that may stand inside a script element: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
