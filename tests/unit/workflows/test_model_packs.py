# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs are installed whole, checked and registered, or not at all; the old one serves until the new one is there."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torchvision.models import get_weight
from torchvision.models.optical_flow import raft_small

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.crossmodal.published_weights import read_tensors
from needledrop.crossmodal.raft import RaftFlow, installed_weights
from needledrop.workflows import model_packs
from needledrop.workflows.model_packs import find_pack, install_pack, installed_packs, offered_packs, remove_pack
from needledrop.workflows.pack_catalogue import Pack, PackFile, known_packs, read_packs
from unit.workflows.file_server import FileServer, Served, file_server

TENSORS = {"weight": torch.arange(2000.0)}


def pickled(tensors: dict[str, torch.Tensor] = TENSORS) -> bytes:
    buffer = BytesIO()
    torch.save(tensors, buffer)
    return buffer.getvalue()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


PTH = pickled()
SAFE = safetensors.torch.save(TENSORS)
CONFIG = json.dumps({"width": 3}).encode()


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as served:
        served.files |= {"net-0123.pth": Served(PTH), "config.json": Served(CONFIG)}
        yield served


@pytest.fixture
def pack(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> Pack:
    """A pack of two files, of which the publisher gives 8 digits and all."""
    files = (
        PackFile("model.safetensors", "net-0123.pth", server.url("net-0123.pth"), digest(PTH)[:8]),
        PackFile("config.json", "config.json", server.url("config.json"), digest(CONFIG)),
    )
    made = Pack("made-up", 1, "nothing", "music", 4, 2.0, "CC0-1.0", "Ours.", True, 0.1, "https://example.org", files)
    monkeypatch.setattr(model_packs, "known_packs", lambda: {"made-up": made})
    return made


def install(profile: Profile, pack: Pack, from_path: Path | None = None) -> None:
    install_pack(profile, pack, ignore_progress, CancelToken(), from_path=from_path)


def assert_serves(profile: Profile, version: int = 1) -> None:
    one = installed_packs(profile)["made-up"]
    tensors = read_tensors(one.weights_path, one.sha256["model.safetensors"])
    assert one.version == version and torch.equal(tensors["weight"], TENSORS["weight"])
    assert (one.folder / "config.json").read_bytes() == CONFIG


def test_a_pack_is_fetched_converted_and_registered(profile: Profile, pack: Pack) -> None:
    assert installed_packs(profile) == {}
    install(profile, pack)
    assert_serves(profile)
    one = installed_packs(profile)["made-up"]
    card = one.card
    assert card is not None and card.sha256 == digest(one.weights_path.read_bytes())
    assert card.key.startswith("made-up@1/4/2Hz/") and card.size_bytes == one.weights_path.stat().st_size
    entry = tomllib.loads((profile.models_dir / "registry.toml").read_text(encoding="utf-8"))["made-up"]
    assert entry["sha256"] == card.sha256 and entry["licence"] == "CC0-1.0"
    assert sorted(path.name for path in one.folder.iterdir()) == ["config.json", "model.safetensors"]
    assert not list(profile.models_dir.rglob("*.pth"))


def test_an_interrupted_pack_goes_on_and_is_not_installed_before(
    profile: Profile, pack: Pack, server: FileServer
) -> None:
    server.files["net-0123.pth"].broken_after = 3000
    with pytest.raises(KnownError, match="3,000 bytes are kept"):
        install(profile, pack)
    assert installed_packs(profile) == {}
    server.files["net-0123.pth"].broken_after = None
    install(profile, pack)
    assert ("net-0123.pth", "bytes=3000-") in server.asked
    assert_serves(profile)


def test_a_wrong_file_is_refused_and_not_gone_on_from(profile: Profile, pack: Pack, server: FileServer) -> None:
    server.files["net-0123.pth"].data = PTH[:-1] + b"?"
    with pytest.raises(KnownError, match="its SHA-256 is another") as caught:
        install(profile, pack)
    assert caught.value.code == "model" and caught.value.remedy
    assert installed_packs(profile) == {}
    server.files["net-0123.pth"].data = PTH
    install(profile, pack)
    assert_serves(profile)


def test_a_file_that_is_no_set_of_weights_is_refused(profile: Profile, pack: Pack, server: FileServer) -> None:
    page = b"<html>Sign in</html>"
    server.files["net-0123.pth"].data = page
    weights = dataclasses.replace(pack.files[0], sha256=digest(page))
    with pytest.raises(KnownError, match="no whole file of weights"):
        install(profile, dataclasses.replace(pack, files=(weights, pack.files[1])))
    assert installed_packs(profile) == {}


def test_the_installed_one_serves_until_the_new_one_is_whole(profile: Profile, pack: Pack, server: FileServer) -> None:
    install(profile, pack)
    newer = dataclasses.replace(pack, version=2)
    server.files["config.json"].broken_after = 3
    with pytest.raises(KnownError, match="broke off"):
        install(profile, newer)
    assert_serves(profile, version=1)
    server.files["config.json"].broken_after = None
    install(profile, newer)
    assert_serves(profile, version=2)


def test_a_kill_while_it_is_put_in_place_leaves_it_uninstalled_and_repeatable(
    profile: Profile, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(profile, pack)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(model_packs, "put_entry", die)
        with pytest.raises(KeyboardInterrupt):
            install(profile, pack)
    assert installed_packs(profile) == {}
    install(profile, pack)
    assert_serves(profile)


def test_a_pack_comes_from_a_folder_without_a_network(profile: Profile, pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "net-0123.pth").write_bytes(PTH)
    (tmp_path / "config.json").write_bytes(CONFIG)
    offline = dataclasses.replace(pack, files=tuple(dataclasses.replace(file, url="") for file in pack.files))
    install(profile, offline, tmp_path)
    assert_serves(profile)
    remove_pack(profile, pack)
    install(profile, offline, tmp_path / "net-0123.pth")
    assert_serves(profile)
    assert (tmp_path / "net-0123.pth").read_bytes() == PTH


@pytest.mark.parametrize("name", ["any name", "weights.pth"])
def test_a_pack_of_one_file_comes_from_that_file(profile: Profile, pack: Pack, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PTH)
    one = dataclasses.replace(pack, files=pack.files[:1])
    install(profile, one, tmp_path / name)
    path = profile.models_dir / "made-up" / "model.safetensors"
    assert torch.equal(read_tensors(path, digest(path.read_bytes()))["weight"], TENSORS["weight"])


def test_given_files_that_are_truncated_wrong_or_absent_are_refused(
    profile: Profile, pack: Pack, tmp_path: Path
) -> None:
    (tmp_path / "net-0123.pth").write_bytes(PTH[:-100])
    (tmp_path / "config.json").write_bytes(CONFIG)
    with pytest.raises(KnownError, match=r"net-0123\.pth is damaged, or not the published file"):
        install(profile, pack, tmp_path)
    (tmp_path / "net-0123.pth").unlink()
    with pytest.raises(KnownError, match=r"net-0123\.pth is not there") as caught:
        install(profile, pack, tmp_path)
    assert "net-0123.pth, config.json" in caught.value.remedy
    with pytest.raises(KnownError, match="is not there"):
        install(profile, pack, tmp_path / "nowhere" / "net-0123.pth")
    assert installed_packs(profile) == {}


def test_without_checksums_nothing_is_fetched_and_given_files_must_be_whole(
    profile: Profile, pack: Pack, server: FileServer, tmp_path: Path
) -> None:
    files = (PackFile("model.safetensors", "model.safetensors", "", ""), PackFile("config.json", "config.json", "", ""))
    unknown = dataclasses.replace(pack, files=files)
    with pytest.raises(KnownError, match="knows no checksums"):
        install(profile, unknown)
    assert server.asked == []
    (tmp_path / "config.json").write_bytes(CONFIG)
    for data in (SAFE[:-1], SAFE + b"x", SAFE[:5], b"", b"\xff" * 64):
        (tmp_path / "model.safetensors").write_bytes(data)
        with pytest.raises(KnownError, match="no whole safetensors file"):
            install(profile, unknown, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(SAFE)
    (tmp_path / "config.json").write_bytes(CONFIG[:-1])
    with pytest.raises(KnownError, match="no JSON file"):
        install(profile, unknown, tmp_path)
    (tmp_path / "config.json").write_bytes(CONFIG)
    install(profile, unknown, tmp_path)
    assert_serves(profile)


def test_removing_takes_all_of_it_and_nothing_else(profile: Profile, pack: Pack, server: FileServer) -> None:
    with pytest.raises(KnownError, match="is not installed"):
        remove_pack(profile, pack)
    server.files["net-0123.pth"].broken_after = 100
    with pytest.raises(KnownError, match="broke off"):
        install(profile, pack)
    remove_pack(profile, pack)
    server.files["net-0123.pth"].broken_after = None
    install(profile, pack)
    (profile.models_dir / "other").mkdir()
    remove_pack(profile, pack)
    assert installed_packs(profile) == {}
    assert not [path for path in profile.models_dir.rglob("*") if "made-up" in path.name]
    assert (profile.models_dir / "other").is_dir()


def test_an_entry_the_user_wrote_is_no_installed_pack(profile: Profile, pack: Pack) -> None:
    install(profile, pack)
    (profile.models_dir / "registry.toml").write_text('[made-up]\nsha256 = "ab"\nversion = "one"\n', encoding="utf-8")
    assert installed_packs(profile) == {}
    install(profile, pack)
    assert_serves(profile)


def test_raft_goes_where_the_flow_looks_for_it(profile: Profile, tmp_path: Path) -> None:
    torch.manual_seed(1)
    data = pickled(raft_small(weights=None).state_dict())
    (tmp_path / "raft.pth").write_bytes(data)
    known = find_pack("raft-small", with_non_commercial=True)
    file = dataclasses.replace(known.files[0], sha256=digest(data))
    install(profile, dataclasses.replace(known, files=(file,)), tmp_path / "raft.pth")
    weights = installed_weights(profile.models_dir)
    assert weights is not None and RaftFlow(weights, "cpu").device == "cpu"
    assert installed_packs(profile)["raft-small"].card is None


def test_torchvisions_files_are_the_ones_torchvision_names() -> None:
    enums = {
        "resnet-50": "ResNet50_Weights.IMAGENET1K_V2",
        "efficientnet-b5": "EfficientNet_B5_Weights.IMAGENET1K_V1",
        "raft-small": "Raft_Small_Weights.C_T_V2",
    }
    for name, enum in enums.items():
        pack, weights = known_packs()[name], get_weight(enum)
        assert pack.files[0].url == weights.url
        assert pack.files[0].sha256 == weights.url.removesuffix(".pth").rpartition("-")[2]
        assert pack.size_mb == pytest.approx(weights.meta["_file_size"] * 1.048576, abs=0.06)


def test_non_commercial_packs_are_offered_only_where_asked_for() -> None:
    assert "raft-small" not in offered_packs() and "raft-small" in offered_packs(with_non_commercial=True)
    assert all(pack.licence in ("BSD-3-Clause", "Apache-2.0", "MIT") for pack in offered_packs().values())
    with pytest.raises(KnownError, match="may not be used commercially"):
        find_pack("raft-small")
    with pytest.raises(KnownError, match="There is no model 'x'"):
        find_pack("x")


@pytest.mark.parametrize(
    "text",
    [
        "[a]\n",
        "[a]\nversion = 1\n",
        '[a]\nfiles = [{ name = "../b" }]\n',
        '[a]\nfiles = [{ name = "b", sha256 = "12" }]\n',
        "[",
    ],
)
def test_a_damaged_list_of_packs_is_a_known_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "packs.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnownError, match="missing or damaged"):
        read_packs(path)
