"""What a network of two views is and expects, as plain data."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from models.spec import ModelSpec
from models.two_views.box import PLACE_VALUES, SQUARE_VALUES, BoxSettings
from models.two_views.joints import JOINT_OUTPUTS, JOINT_VALUES


class TwoViewSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything needed to build a network of two views and to feed it.

    Attributes:
        whole: The network that sees the whole picture and locates the hand. Labels, cadence and
            decisions of the model are this one's.
        crop: The network that sees the square around the hand.
        box: How the square follows the hand.
        history: Frames whose places the classifier sees, this one included.
        joint_history: Frames whose joints it sees, this one included; 0 if the square's network
            does not say where joints are.
        place_hidden: Width of the two layers that read the places and the joints.
        locator_hidden: Channels inside the locator.
    """

    whole: ModelSpec
    crop: ModelSpec
    box: BoxSettings = BoxSettings()
    history: int = 4
    joint_history: int = 0
    place_hidden: int = 64
    locator_hidden: int = 64

    def __post_init__(self) -> None:
        """Reject pairs that do not fit each other."""
        checks = (
            (self.whole.labels == self.crop.labels, "both views must have the same labels"),
            (self.whole.further_outputs == 0, "the crop alone may have further outputs"),
            (
                self.crop.further_outputs in self._outputs(),
                f"the crop must have {' or '.join(map(str, self._outputs()))} further outputs",
            ),
            (
                self.whole.frames == self.crop.frames
                and self.whole.frame_interval_s == self.crop.frame_interval_s,
                "both views must see the same frames",
            ),
            (
                self.crop.input_height == self.crop.input_width,
                f"the crop must be a square, not {self.crop.input_height}x{self.crop.input_width}",
            ),
            (1 <= self.history <= 16, f"history must be 1 to 16 frames, not {self.history}"),
            (
                0 <= self.joint_history <= 32,
                f"joint_history must be 0 to 32 frames, not {self.joint_history}",
            ),
            (
                min(self.place_hidden, self.locator_hidden) >= 1,
                "place_hidden and locator_hidden must be at least 1",
            ),
        )
        for valid, problem in checks:
            if not valid:
                raise ValueError(problem)

    def _outputs(self) -> tuple[int, ...]:
        """Return how many further outputs the square's network may have."""
        return (SQUARE_VALUES + JOINT_OUTPUTS,) if self.joint_history else (0, SQUARE_VALUES)

    @property
    def read_values(self) -> int:
        """Numbers that the classifier reads of places and joints."""
        return PLACE_VALUES * self.history + JOINT_VALUES * self.joint_history

    @property
    def model(self) -> ModelSpec:
        """The model as seen from outside: the whole view, with policies if either view has any."""
        return self.whole if self.whole.fuses else replace(self.whole, policy=self.crop.policy)

    @property
    def aspect(self) -> float:
        """Width of the whole view over its height."""
        return self.whole.input_width / self.whole.input_height
