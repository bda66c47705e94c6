"""A tiny network of two views whose policies really mix all three actions."""

from __future__ import annotations

import torch
from msgspec.structs import replace

from models.spec import ModelSpec
from models.two_views.box import SQUARE_VALUES
from models.two_views.joints import JOINT_OUTPUTS
from models.two_views.network import TwoViews
from models.two_views.spec import TwoViewSpec
from tests.models.networks import tiny_network, tiny_spec


def tiny_pair(whole: ModelSpec | None = None, *, joint_history: int = 0) -> TwoViewSpec:
    spec = tiny_spec() if whole is None else whole
    outputs = SQUARE_VALUES + (JOINT_OUTPUTS if joint_history else 0)
    return TwoViewSpec(
        whole=spec,
        crop=replace(spec, input_height=32, input_width=32, further_outputs=outputs),
        joint_history=joint_history,
        place_hidden=8,
        locator_hidden=8,
    )


def tiny_two_views(spec: TwoViewSpec) -> TwoViews:
    network = TwoViews(spec)
    for view, seed in ((network.whole, 0), (network.crop, 1)):
        view.load_state_dict(tiny_network(view.spec, seed).state_dict(), strict=False)
    torch.manual_seed(2)
    with torch.no_grad():
        for parameter in network.whole.locator.parameters():
            parameter.normal_(0, 0.3)
    return network.eval()
