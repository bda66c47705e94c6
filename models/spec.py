"""What a model is and expects, as plain data: the contract between training, engines and the app.

Nothing here needs PyTorch, so that the app can read a model's needs before it loads an engine.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from models.decision import DecisionSettings

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

MOST_FRAMES = 256
"""Longest clip, in frames: a stream remembers the scores of every one of them."""

MOST_FURTHER_OUTPUTS = 1024

LONGEST_NAME = 200
"""Most letters in a model's name or in a label."""

_SHORT_TEXT = f"1 to {LONGEST_NAME} printable letters"


class Method(StrEnum):
    """Which temporal modeling surrounds the fused convolutions (paper, section 4)."""

    TSN = "tsn"
    TSM = "tsm"
    TSM_LAST = "tsm_last"


class Shift(StrEnum):
    """Direction of the temporal shift; two-way looks one frame ahead and cannot run live."""

    ONE_WAY = "one_way"
    TWO_WAY = "two_way"


class PolicyMode(StrEnum):
    """Who chooses the actions: the policies that the paper compares in its Table 6."""

    ADAPTIVE = "adaptive"
    NO_REUSE = "no_reuse"
    NO_SKIP = "no_skip"
    RANDOM = "random"
    KEEP = "keep"


class PolicySpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How actions are chosen, and the size of the policy networks that choose.

    Attributes:
        hidden: Width of the hidden layer; used if `hidden_quota` is None.
        hidden_quota: Divided by a block's channels, it gives the block's hidden width.
        shared: Blocks of the same shape share one pair of fully connected layers.
        mode: Adaptive policy networks, with all actions or without one of them; actions drawn at
            random; or every channel kept, which is the dense network. The last two have no policy
            networks.
        mix: Shares of keep, reuse and skip in the random mode; None in every other mode.
    """

    hidden: int = 1024
    hidden_quota: int | None = None
    shared: bool = False
    mode: PolicyMode = PolicyMode.ADAPTIVE
    mix: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        """Reject impossible sizes and contradictory fields."""
        if self.hidden < 1:
            raise ValueError(f"policy.hidden must be at least 1, not {self.hidden}")
        if self.hidden_quota is not None and self.hidden_quota < 1:
            raise ValueError(f"policy.hidden_quota must be at least 1, not {self.hidden_quota}")
        if (self.mode is PolicyMode.RANDOM) != (self.mix is not None):
            raise ValueError("policy.mix goes with policy.mode random and with no other mode")
        if self.mix is not None and not (min(self.mix) >= 0 and abs(sum(self.mix) - 1) < 1e-6):
            raise ValueError(f"policy.mix must be three shares that sum to 1, not {self.mix}")

    def hidden_for(self, channels: int) -> int:
        """Return the hidden width for a fusion site with `channels` channels."""
        if self.hidden_quota is None:
            return self.hidden
        return max(1, self.hidden_quota // channels)


def _is_short_text(text: str) -> bool:
    """Return whether a name can be shown unchanged in a window and on a terminal."""
    return 0 < len(text) <= LONGEST_NAME and text.isprintable() and not text.isspace()


class ModelSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything needed to build a network and to feed it.

    Attributes:
        name: Short name shown to people.
        labels: Class labels in the order of the logits.
        silent_labels: Labels that mean that nothing was asked for; they never become a gesture.
        backbone: Key of a backbone in `models.network.backbones`.
        width: Multiplier on the backbone's channels.
        method: TSN, TSM or TSM with fusion in the last stage only.
        shift: Direction of the temporal shift; ignored by TSN.
        policy: Policy networks; None keeps every channel (the dense baseline).
        frames: Frames in a clip, T in the paper.
        frame_interval_s: Time between the frames that the model sees, in seconds.
        input_height: Height of the network's input, in pixels.
        input_width: Width of the network's input, in pixels.
        mean: Mean of the RGB input in [0, 1], subtracted.
        std: Standard deviation of the RGB input in [0, 1], the divisor.
        decision: When a probability becomes a gesture, as `training tune-decision` found for this
            model.
        further_outputs: Outputs behind the labels' scores that whoever runs the network reads, such
            as where the hand is in the second of two views.
    """

    name: str
    labels: tuple[str, ...]
    silent_labels: tuple[str, ...] = ()
    backbone: str
    width: float = 1.0
    method: Method = Method.TSN
    shift: Shift = Shift.ONE_WAY
    policy: PolicySpec | None = None
    frames: int = 8
    frame_interval_s: float
    input_height: int
    input_width: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    decision: DecisionSettings = DecisionSettings()
    further_outputs: int = 0

    def __post_init__(self) -> None:
        """Reject values that would otherwise fail later and less clearly."""
        checks = (
            (bool(self.labels), "labels must not be empty"),
            (len(set(self.labels)) == len(self.labels), "labels must not repeat"),
            (set(self.silent_labels) <= set(self.labels), "silent_labels must be among labels"),
            (0 < self.width <= 4, f"width must be in (0, 4], not {self.width}"),
            (
                1 <= self.frames <= MOST_FRAMES,
                f"frames must be 1 to {MOST_FRAMES}, not {self.frames}",
            ),
            (
                0.001 <= self.frame_interval_s <= 10,
                f"frame_interval_s must be 0.001 to 10 seconds, not {self.frame_interval_s}",
            ),
            (
                min(self.input_height, self.input_width) >= 32
                and max(self.input_height, self.input_width) <= 2048,
                f"the input must be 32 to 2048 pixels, not {self.input_height}x{self.input_width}",
            ),
            (
                all(abs(value) <= 1000 for value in self.mean),
                f"mean must be -1000 to 1000, not {self.mean}",
            ),
            (
                all(0.0001 <= value <= 1000 for value in self.std),
                f"std must be 0.0001 to 1000, not {self.std}",
            ),
            (
                0 <= self.further_outputs <= MOST_FURTHER_OUTPUTS,
                f"further_outputs must be 0 to {MOST_FURTHER_OUTPUTS}, not {self.further_outputs}",
            ),
            (_is_short_text(self.name), f"name must be {_SHORT_TEXT}"),
            (all(map(_is_short_text, self.labels)), f"labels must be {_SHORT_TEXT}"),
        )
        for passed, message in checks:
            if not passed:
                raise ValueError(message)

    @property
    def outputs(self) -> int:
        """Number of outputs: the labels' scores, and what follows them."""
        return len(self.labels) + self.further_outputs

    @property
    def fuses(self) -> bool:
        """Whether some channels may be reused or skipped; otherwise the network is dense."""
        return self.policy is not None and self.policy.mode is not PolicyMode.KEEP

    @property
    def can_stream(self) -> bool:
        """Whether the network can run frame by frame, without looking ahead."""
        return self.method is Method.TSN or self.shift is Shift.ONE_WAY
