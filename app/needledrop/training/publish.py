# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a trained needledrop-base to the files that ship: `python -m needledrop.training.publish CHECKPOINT MODEL_DIR`.

Writes the weights the program needs, the same bytes for the same weights, and what a reader wants to know of them; says
the SHA-256 that models/registry.toml has to name.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from needledrop.core.models import WEIGHTS_NAME


def publish(checkpoint_folder: Path, model_folder: Path) -> str:
    """Write the model's files and give the SHA-256 of its weights.

    Raises:
        KnownError: "model": the checkpoint cannot be used.
    """
    from safetensors.numpy import save_file

    from needledrop.crossmodal.base_towers import needed_tensors
    from needledrop.crossmodal.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(checkpoint_folder)
    model_folder.mkdir(parents=True, exist_ok=True)
    save_file(dict(sorted(needed_tensors(checkpoint).items())), str(model_folder / WEIGHTS_NAME))
    about = {"rows": list(checkpoint.config.rows), **checkpoint.about}
    (model_folder / "config.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return hashlib.sha256((model_folder / WEIGHTS_NAME).read_bytes()).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("model", type=Path)
    given = parser.parse_args()
    print(publish(given.checkpoint, given.model))
