"""Fits what was taught, beside the window: another thread, and no PyTorch."""

from __future__ import annotations

from app.process.background_work import BackgroundWork, Progress
from models.bundle import bundle_path
from models.personal.calibration import FALSE_PER_MIN
from models.personal.fitting import GeneralModel
from models.personal.takes import Lesson
from models.personal.teaching import Taught, teach
from models.two_views.bundle import load_any_bundle


def general_model(model: str) -> GeneralModel:
    """Return a model to be taught.

    Args:
        model: Folder of its bundle, or `models.DEFAULT_MODEL`.

    Raises:
        ModelError: It cannot be loaded.
    """
    bundle = load_any_bundle(bundle_path(model))
    return GeneralModel(bundle.spec, bundle.head(), bundle.weights_digest)


def begin_fit(
    model: GeneralModel,
    lesson: Lesson,
    name: str,
    *,
    false_per_min: float = FALSE_PER_MIN,
    camera: str = "",
) -> BackgroundWork[Taught]:
    """Begin to fit a set in a thread of its own.

    Args:
        model: The model that is taught.
        lesson: What was shown.
        name: Whose set it is.
        false_per_min: False activations a minute that the person accepts, above 0.
        camera: Name of the camera before which it was shown; empty if that is unknown.
    """

    def work(progress: Progress) -> Taught:
        return teach(
            model, lesson, name, false_per_min=false_per_min, camera=camera, progress=progress
        )

    return BackgroundWork(work, "fit")
