"""Opening and loading beside what runs: what fails changes nothing, and the newest wish counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.live import switcher as switcher_module
from app.live.switcher import ModelChoice, Switcher
from app.sources import factory as factory_module
from app.sources.base import FrameSource, SourceError
from app.sources.camera_device import CameraDevice, Resolution
from app.sources.factory import DEMO
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine, Progress
from models.errors import ModelError
from models.personal.personal_set import write_set
from tests.app.fakes import FakeEngine, TickingCamera, make_spec, wait_until
from tests.app.teaching.sets import DIGEST, a_set


class Notebook:
    """A pipeline that notes what it is asked for."""

    def __init__(self) -> None:
        self.models: list[str] = []
        self.persons: list[str | None] = []
        self.sources: list[tuple[Callable[[], FrameSource], bool]] = []

    def use_engine(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        self.models.append(f"{choice.engine.spec.name} on {choice.engine.name}")
        self.persons.append(None if choice.personal is None else choice.personal.about.name)

    def use_set(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        raise AssertionError("no set is fitted again here")

    def use_source(self, source_factory: Callable[[], FrameSource], *, loop: bool = False) -> None:
        self.sources.append((source_factory, loop))


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def switcher(notebook: Notebook) -> Iterator[Switcher]:
    made = Switcher(notebook, lambda spec: spec.decision, chosen=ModelChoice(engine="onnx"))
    yield made
    made.close()


def switched(switcher: Switcher, times: int = 1) -> None:
    wait_until(lambda: switcher.status.switches >= times)


def test_a_bundle_is_loaded_and_taken_over(
    switcher: Switcher, notebook: Notebook, tiny_bundle: Path
) -> None:
    choice = ModelChoice(str(tiny_bundle), "onnx")
    switcher.use_model(choice)
    switched(switcher)
    assert notebook.models == ["tiny on onnx"]
    assert (switcher.status.chosen, switcher.status.failure) == (choice, "")


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_and_says_why(
    switcher: Switcher, notebook: Notebook, tmp_path: Path
) -> None:
    switcher.use_model(ModelChoice(str(tmp_path)))
    switched(switcher)
    assert notebook.models == []
    assert switcher.status.chosen == ModelChoice(engine="onnx")
    assert "is not a model bundle" in switcher.status.failure
    assert switcher.status.busy == ""


def test_a_bug_in_an_engine_is_told_in_one_sentence(
    switcher: Switcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(choice: ModelChoice, threads: int, tell: Progress) -> OpenedEngine:
        raise ZeroDivisionError("in two\nlines")

    monkeypatch.setattr(switcher_module, "load_model", explode)
    switcher.use_model(ModelChoice("x"))
    switched(switcher)
    assert switcher.status.failure.endswith("internal error (ZeroDivisionError: in two lines).")


class SlowLoader:
    """Loads one model after the other, each when it is let."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = threading.Semaphore(0)

    def __call__(self, choice: ModelChoice, threads: int, tell: Progress) -> OpenedEngine:
        self.begun.append(choice.model)
        tell(0.25)
        self.go.acquire(timeout=5)
        if choice.model == "broken":
            raise ModelError("It is broken.")
        return OpenedEngine(FakeEngine(spec=make_spec(name=choice.model)), "for a test")


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> SlowLoader:
    slow = SlowLoader()
    monkeypatch.setattr(switcher_module, "load_model", slow)
    return slow


def test_while_it_loads_it_says_what_and_how_far(switcher: Switcher, loader: SlowLoader) -> None:
    switcher.use_model(ModelChoice("models/large"))
    wait_until(lambda: switcher.status.fraction == 0.25)
    assert switcher.status.busy == "Loading large…"
    loader.go.release()
    switched(switcher)
    assert switcher.status.busy == ""


def test_of_many_wishes_the_first_and_the_newest_are_loaded_and_only_the_newest_runs(
    switcher: Switcher, loader: SlowLoader, notebook: Notebook
) -> None:
    switcher.use_model(ModelChoice("a"))
    wait_until(lambda: loader.begun == ["a"])
    for name in ("b", "a", "b", "c"):
        switcher.use_model(ModelChoice(name))
    loader.go.release(2)
    switched(switcher)
    assert loader.begun == ["a", "c"]
    assert notebook.models == ["c on fake"]


def test_a_failure_between_two_wishes_does_not_end_the_work(
    switcher: Switcher, loader: SlowLoader, notebook: Notebook
) -> None:
    loader.go.release(2)
    switcher.use_model(ModelChoice("broken"))
    switched(switcher)
    assert switcher.status.failure == "It is broken."
    switcher.use_model(ModelChoice("whole"))
    switched(switcher, 2)
    assert (switcher.status.failure, notebook.models) == ("", ["whole on fake"])


def test_closing_while_it_loads_does_not_wait_and_nothing_is_switched(
    switcher: Switcher, loader: SlowLoader, notebook: Notebook
) -> None:
    switcher.use_model(ModelChoice("a"))
    wait_until(lambda: loader.begun == ["a"])
    started_s = time.monotonic()
    switcher.close()
    assert time.monotonic() - started_s < 1.5
    loader.go.release()
    switcher.use_model(ModelChoice("b"))
    switcher.close()
    assert (loader.begun, notebook.models) == (["a"], [])


def test_a_file_is_opened_before_it_is_shown(
    switcher: Switcher, notebook: Notebook, clip: Path, tmp_path: Path
) -> None:
    switcher.use_file(str(tmp_path / "none.mp4"))
    switched(switcher)
    assert "There is no file" in switcher.status.failure
    assert notebook.sources == []
    switcher.use_file(str(clip))
    switched(switcher, 2)
    switcher.use_file(DEMO)
    switched(switcher, 3)
    (video, video_loops), (_, demo_loops) = notebook.sources
    assert (video_loops, demo_loops) == (False, True)
    opened = video()
    assert opened.name == clip.name
    opened.close()


WEBCAM = CameraDevice("HD Webcam", 1, 2, index=1)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, Resolution | None]]:
    """The cameras that were opened, any but the one with index 9."""
    opened: list[tuple[int, Resolution | None]] = []

    def opener(wanted: CameraDevice) -> Callable[[], FrameSource]:
        def open_camera() -> FrameSource:
            if wanted.index == 9:
                raise SourceError("Camera 9 is in use.")
            opened.append((wanted.index, wanted.resolution))
            return TickingCamera(name=f"Camera {wanted.index}")

        return open_camera

    for module in (switcher_module, factory_module):
        monkeypatch.setattr(module, "camera_opener", opener)
    return opened


def test_another_camera_is_opened_beside_the_one_that_is_shown(
    switcher: Switcher, notebook: Notebook, opened: list[tuple[int, Resolution | None]]
) -> None:
    choice = WEBCAM
    switcher.use_camera(choice)
    switched(switcher)
    assert opened == [(1, None)]
    with closing(notebook.sources[0][0]()) as source:
        assert source.name == "Camera 1"
    assert switcher.status.camera == choice
    switcher.use_camera(CameraDevice("", index=9))
    switched(switcher, 2)
    assert switcher.status.failure == "Camera 9 is in use."
    assert switcher.status.camera == choice
    assert len(notebook.sources) == 1


def test_another_resolution_leaves_it_to_the_pipeline_to_close_the_camera_first(
    switcher: Switcher, notebook: Notebook, opened: list[tuple[int, Resolution | None]]
) -> None:
    switcher.use_camera(WEBCAM)
    switched(switcher)
    switcher.use_camera(WEBCAM.at(Resolution(1280, 720)))
    switched(switcher, 2)
    assert opened == [(1, None)]
    notebook.sources[1][0]().close()
    assert opened == [(1, None), (1, Resolution(1280, 720))]


# Persons


def test_another_person_runs_on_the_engine_that_is_open(
    notebook: Notebook, loader: SlowLoader, tmp_path: Path
) -> None:
    opened = OpenedEngine(FakeEngine(), "for a test", DIGEST)
    write_set(tmp_path / "mina.set", a_set("Mina"))
    switcher = Switcher(notebook, lambda spec: spec.decision, chosen=ModelChoice(), opened=opened)
    with closing(switcher):
        for times, personal in enumerate((str(tmp_path / "mina.set"), None), start=1):
            switcher.use_model(ModelChoice(personal=personal))
            switched(switcher, times)
            assert switcher.status.chosen == ModelChoice(personal=personal)
            assert switcher.status.weights_digest == DIGEST
    assert notebook.persons == ["Mina", None]
    assert loader.begun == []


def test_a_person_of_another_model_leaves_what_runs_and_says_why(
    notebook: Notebook, tmp_path: Path
) -> None:
    opened = OpenedEngine(FakeEngine(), "for a test", DIGEST)
    write_set(tmp_path / "mina.set", a_set("Mina", digest="another"))
    switcher = Switcher(notebook, lambda spec: spec.decision, chosen=ModelChoice(), opened=opened)
    with closing(switcher):
        switcher.use_model(ModelChoice(personal=str(tmp_path / "mina.set")))
        switched(switcher)
        assert "fit it again from its clips" in switcher.status.failure
        assert switcher.status.chosen == ModelChoice()
    assert notebook.persons == []


def test_another_engine_is_opened_for_the_same_person(
    notebook: Notebook, loader: SlowLoader, tmp_path: Path
) -> None:
    opened = OpenedEngine(FakeEngine(), "for a test", DIGEST)
    choice = ModelChoice(personal=str(tmp_path / "mina.set"))
    switcher = Switcher(notebook, lambda spec: spec.decision, chosen=choice, opened=opened)
    loader.go.release()
    with closing(switcher):
        switcher.use_model(ModelChoice(engine="onnx", personal=choice.personal))
        switched(switcher)
    assert loader.begun == ["default"]
