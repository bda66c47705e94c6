"""ImageNet weights load under torchvision's names, and weights of another network are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from models.errors import ModelError
from models.network.backbones.registry import build_backbone
from models.network.backbones.weights import load_backbone_weights

BACKBONES = ("mobilenet_v2", "resnet18", "resnet50")

NAMES: dict[str, dict[str, tuple[int, ...]]] = {
    "mobilenet_v2": {
        "features.0.0.weight": (8, 3, 3, 3),
        "features.0.1.running_var": (8,),
        "features.1.conv.0.0.weight": (8, 1, 3, 3),
        "features.1.conv.1.weight": (8, 8, 1, 1),
        "features.1.conv.2.bias": (8,),
        "features.2.conv.0.0.weight": (48, 8, 1, 1),
        "features.2.conv.1.0.weight": (48, 1, 3, 3),
        "features.17.conv.2.weight": (40, 144, 1, 1),
        "features.17.conv.3.weight": (40,),
        "features.18.0.weight": (1280, 40, 1, 1),
        "features.18.1.running_mean": (1280,),
    },
    "resnet18": {
        "conv1.weight": (8, 3, 7, 7),
        "layer2.0.downsample.0.weight": (16, 8, 1, 1),
        "layer4.1.bn2.running_var": (64,),
    },
    "resnet50": {"layer1.0.conv3.weight": (32, 8, 1, 1)},
}
"""Some of torchvision's names, with their shapes at an eighth of the width."""


def published(name: str) -> dict[str, Tensor]:
    """Return weights as they are published: with a classifier, and counts of batches."""
    torch.manual_seed(1)
    weights = build_backbone(name, 0.125).state_dict()
    return {**weights, "fc.weight": torch.zeros(9, 9), "classifier.1.bias": torch.zeros(9)}


@pytest.mark.parametrize("name", BACKBONES)
def test_parameters_have_torchvisions_names(name: str) -> None:
    shapes = {
        key: tuple(value.shape) for key, value in build_backbone(name, 0.125).state_dict().items()
    }
    assert NAMES[name].items() <= shapes.items()


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("name", BACKBONES)
def test_published_weights_load(name: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"weights{suffix}"
    weights = published(name)
    if suffix == ".pth":
        torch.save(weights, path)
    else:
        save_file(weights, path)
    torch.manual_seed(2)
    backbone = build_backbone(name, 0.125)
    load_backbone_weights(backbone, path)
    for key, value in backbone.state_dict().items():
        assert torch.equal(value, weights[key]), key


def test_weights_of_another_network_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    weights = published("resnet18")
    for changed, complaint in (
        ({k: v for k, v in weights.items() if k != "bn1.bias"}, "bn1.bias is missing"),
        ({**weights, "extra": torch.zeros(1)}, "extra belongs to another"),
        ({**weights, "bn1.bias": torch.zeros(3)}, "bn1.bias has another shape"),
    ):
        save_file(changed, path)
        with pytest.raises(ModelError, match=complaint):
            load_backbone_weights(build_backbone("resnet18", 0.125), path)


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pth"])
def test_what_holds_no_weights_is_said_to_hold_none(name: str, tmp_path: Path) -> None:
    backbone = build_backbone("resnet18", 0.125)
    with pytest.raises(ModelError, match="cannot be read"):
        load_backbone_weights(backbone, tmp_path / name)
    for content in (b"", b"no weights at all", b"\x08" * 100):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelError, match="is not a"):
            load_backbone_weights(backbone, tmp_path / name)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"weight": Path("x")}, tmp_path / "weights.pth")
    with pytest.raises(ModelError, match="is not a file of weights"):
        load_backbone_weights(build_backbone("resnet18", 0.125), tmp_path / "weights.pth")
