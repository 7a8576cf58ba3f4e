# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainable systems by name: which configuration each takes, how it is built. torch loads when one is asked for."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

from needledrop.core.errors import KnownError

if TYPE_CHECKING:
    from needledrop.crossmodal.batches import InputSizes


@dataclass(frozen=True)
class System:
    """title: what tables call it; module, model, config: where its class and that of its configuration stand.

    published: whether it is one of the four systems that papers describe, and no baseline. weights: the numbers of its
    configuration that weigh a term of its loss. is_closed_form: its model is fitted at once by `fit`, not by steps.
    """

    title: str
    module: str
    model: str
    config: str
    published: bool = False
    weights: tuple[str, ...] = ()
    is_closed_form: bool = False


SYSTEMS: Mapping[str, System] = {
    "cbvmr": System(
        "CBVMR", "cbvmr", "Cbvmr", "CbvmrConfig", published=True,
        weights=("music_to_video", "video_to_music", "structure_music", "structure_video"),
    ),
    "cmvae": System("CMVAE", "cmvae", "Cmvae", "CmvaeConfig", published=True, weights=("beta", "kl", "gamma")),
    "ut-cmvmr": System(
        "UT-CMVMR", "ut_cmvmr", "UtCmvmr", "UtCmvmrConfig", published=True,
        weights=("triplet", "phi_reconstruction", "tag_pull", "tag_reconstruction", "matching", "ranking"),
    ),
    "tivm": System("TIVM", "tivm", "Tivm", "TivmConfig", published=True),
    "needledrop-base": System(
        "needledrop-base", "needledrop_base", "NeedledropBase", "NeedledropBaseConfig", weights=("match", "structure")
    ),
    "cca": System("CCA", "baselines", "Cca", "CcaConfig", is_closed_form=True),
    "dscmr": System("DSCMR", "baselines", "Dscmr", "DscmrConfig", weights=("labels", "similarity", "invariance")),
    "dual-vae": System("Dual-VAE", "baselines", "Cmvae", "DualVaeConfig", weights=("beta", "kl", "gamma")),
    "cross-vae": System("Cross-VAE", "baselines", "CrossVae", "CrossVaeConfig", weights=("beta", "kl")),
}  # fmt: skip


def read_config(name: str, values: Mapping[str, Any]) -> Any:
    """The configuration of system `name`, with `values` (as in a recipe's table) in place of its defaults.

    Raises:
        KnownError: "recipe": no such system, or a value that it does not know or cannot take.
    """
    return _filled(_class(name, "config"), values, f"The configuration of {system(name).title}")


def plain_config(config: Any) -> dict[str, Any]:
    """A configuration as plain values, which JSON can hold and read_config takes back."""
    return dataclasses.asdict(config)


def build(name: str, config: Any, sizes: InputSizes) -> Any:
    """System `name`, untrained: a torch.nn.Module that is a Retriever.

    Raises:
        KnownError: no such system; or the corpus lacks what the configuration asks for.
    """
    return _class(name, "model")(config, sizes)


def system(name: str) -> System:
    """The entry of system `name`.

    Raises:
        KnownError: "recipe": there is none.
    """
    try:
        return SYSTEMS[name]
    except KeyError:
        raise KnownError(
            f"There is no system “{name}”.", remedy=f"Choose one of {', '.join(SYSTEMS)}.", code="recipe"
        ) from None


def _class(name: str, which: str) -> Any:
    entry = system(name)
    return getattr(importlib.import_module(f"needledrop.crossmodal.{entry.module}"), getattr(entry, which))


def _filled(kind: Any, values: Mapping[str, Any], where: str) -> Any:
    """The dataclass `kind` from plain values; tables inside become the dataclasses they stand for."""
    types = get_type_hints(kind)
    known = {entry.name: types[entry.name] for entry in dataclasses.fields(kind)}
    strange = sorted(set(values) - set(known))
    if strange:
        raise KnownError(
            f"{where} has no “{strange[0]}”.", remedy=f"It knows {', '.join(sorted(known))}.", code="recipe"
        )
    return kind(**{key: _converted(known[key], value, f"“{key}” in {where}") for key, value in values.items()})


def _converted(wanted: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(wanted) and isinstance(value, Mapping):
        return _filled(wanted, value, where)
    origin = getattr(wanted, "__origin__", wanted)
    if origin is tuple and isinstance(value, list | tuple):
        inner = wanted.__args__[0]
        return tuple(_converted(inner, each, where) for each in value)
    if origin is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(origin, type) and isinstance(value, origin) and (origin is bool or not isinstance(value, bool)):
        return value
    raise KnownError(
        f"{where} cannot be {value!r}.", remedy=f"Give it a value of the kind {origin.__name__}.", code="recipe"
    )
