from __future__ import annotations

import json
import logging
from pathlib import Path
from threading import Event, Thread

import msgspec
import pytest

from app import settings as settings_module
from app.control.actions import ControlAction
from app.control.bindings import Binding
from app.control.settings import ControlSettings
from app.settings import (
    Settings,
    SettingsStore,
    WindowGeometry,
    load_settings,
    save_settings,
    settings_path,
)
from models.decision import DecisionSettings, GestureThresholds
from tests.app.fakes import make_spec


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_what_was_saved_comes_back(path: Path) -> None:
    settings = Settings(
        mirrored=False,
        decision=DecisionSettings(
            fire_above=0.7, hold_s=0.3, gestures={"Thumb Up": GestureThresholds(fire_above=0.9)}
        ),
        window=WindowGeometry(10, -20, 1280, 800, maximized=True),
        control=ControlSettings(
            profile="impress",
            bindings={"Thumb Up": Binding(ControlAction.CUSTOM, "Ctrl+F5")},
            cool_down_s={ControlAction.NEXT: 0.3},
            arm_gesture="Stop Sign",
        ),
    )
    save_settings(path, settings)
    assert load_settings(path) == settings


def test_without_a_file_the_defaults_hold_and_nothing_is_said(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert load_settings(path) == Settings()
    assert caplog.records == []
    assert not path.exists()


def test_a_file_that_names_only_some_settings_is_fine(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"mirrored": false}')
    assert load_settings(path) == Settings(mirrored=False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"format": 2, "new": 1}',
        b'{"format": 99}',
    ],
)
def test_a_file_that_cannot_be_understood_is_kept_aside(
    path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert load_settings(path) == Settings()
    assert not path.exists()
    assert path.with_name("settings.json.bak").read_bytes() == content
    assert len(caplog.records) == 1
    assert "\n" not in caplog.records[0].getMessage()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"mirrored": "yes"}, ["mirrored is left out (Expected `bool`, got `str`)"]),
        ({"color": "blue"}, ["color is left out (Object contains unknown field `color`)"]),
        ({"control": 7}, ["control is left out (Expected `object`, got `int`)"]),
        ({"decision": {"fire_above": 7}}, ["decision.fire_above is left out (fire_above must be"]),
        ({"window": {"x": 1, "y": 2}}, ["window is left out (Object missing required field"]),
        (
            {"control": {"profile": "excel", "arm_gesture": "Fist", "cool_down_s": {"nxt": 1}}},
            [
                "control.profile is left out (profile must be one of",
                "control.cool_down_s.nxt is left out (Invalid enum value 'nxt')",
            ],
        ),
    ],
)
def test_what_is_wrong_is_left_out_and_told_and_the_rest_holds(
    path: Path, caplog: pytest.LogCaptureFixture, wrong: dict[str, object], told: list[str]
) -> None:
    path.parent.mkdir()
    content = json.dumps(wrong | {"personal": "me.zip"})
    path.write_text(content)
    settings = load_settings(path)
    assert settings.personal == "me.zip"
    for message, start in zip(caplog.messages, told, strict=True):
        assert message.startswith(f"In the settings {path} {start}")
        assert message.endswith("; the others are used.")
    assert path.read_text() == content
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_one_wrong_binding_leaves_the_others(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    bindings = {
        "Swiping Left": {"action": "previous"},
        "Thumb Up": {"action": "custom", "key": "Page Down"},
        "Thumb Down": {"action": "black", "colour": 1},
    }
    path.write_text(json.dumps({"control": {"bindings": bindings}}))
    assert load_settings(path).control.bindings == {
        "Swiping Left": Binding(ControlAction.PREVIOUS),
        "Thumb Down": Binding(ControlAction.BLACK),
    }
    assert len(caplog.messages) == 2
    assert "control.bindings.Thumb Up is left out ('Page Down' is not a key" in caplog.text
    assert "control.bindings.Thumb Down.colour is left out" in caplog.text


def test_settings_that_only_fit_each_other_are_kept_in_any_order(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"decision": {"fire_above": 0.3, "release_below": 0.2, "hold_s": -1}}')
    assert load_settings(path).decision == DecisionSettings(fire_above=0.3, release_below=0.2)


def test_before_a_file_is_saved_without_its_wrong_entries_a_copy_is_kept(path: Path) -> None:
    path.parent.mkdir()
    content = '{"mirrored": false, "color": "blue"}'
    path.write_text(content)
    store = SettingsStore(path)
    for engine in ("onnx", "sparse"):
        store.change(engine=engine)
    assert path.with_name("settings.json.bak").read_text() == content
    assert not path.with_name("settings.json.bak2").exists()
    assert load_settings(path) == Settings(mirrored=False, engine="sparse")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_at_the_beginning_as_editors_on_windows_write_it_is_fine(
    path: Path, caplog: pytest.LogCaptureFixture, encoding: str
) -> None:
    path.parent.mkdir()
    path.write_bytes('{"control": {"arm_gesture": "Daumen höher"}}'.encode(encoding))
    assert load_settings(path).control.arm_gesture == "Daumen höher"
    assert caplog.records == []


def test_an_earlier_file_that_was_kept_aside_is_not_lost(path: Path) -> None:
    path.parent.mkdir()
    for content in ('{"format": 99}', "{"):
        path.write_text(content)
        load_settings(path)
    assert path.with_name("settings.json.bak").read_text() == '{"format": 99}'
    assert path.with_name("settings.json.bak2").read_text() == "{"


def test_decisions_that_an_earlier_version_wrote_unasked_leave_the_choice_to_the_model(
    path: Path,
) -> None:
    path.parent.mkdir()
    fields = msgspec.to_builtins(DecisionSettings())
    path.write_text(json.dumps({"format": 1, "decision": fields}))
    assert load_settings(path).decision is None
    path.write_text(json.dumps({"format": 1, "decision": fields | {"hold_s": 0.5}}))
    assert load_settings(path).decision == DecisionSettings(hold_s=0.5)


def test_a_save_leaves_no_temporary_files(path: Path) -> None:
    for mirrored in (True, False):
        save_settings(path, Settings(mirrored=mirrored))
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]
    assert json.loads(path.read_text())["mirrored"] is False


def test_a_save_that_fails_leaves_the_old_file_and_says_so(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_settings(path, Settings(mirrored=False))

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with caplog.at_level(logging.WARNING):
        save_settings(path, Settings(mirrored=True))
    assert load_settings(path).mirrored is False
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]
    assert "No space left" in caplog.text


def test_a_place_that_cannot_be_written_does_not_stop_anything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    save_settings(blocked / "settings.json", Settings())
    assert "cannot be saved" in caplog.text


def test_settings_are_changed_by_making_a_copy() -> None:
    assert msgspec.structs.replace(Settings(), mirrored=False).mirrored is False


def test_the_file_lies_in_the_users_configuration_folder() -> None:
    assert settings_path().name == "settings.json"
    assert "adafuse-live" in settings_path().parts


def test_a_file_that_cannot_be_read_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "settings.json"
    folder.mkdir()
    for _ in range(3):
        assert load_settings(folder) == Settings()
    assert len(caplog.records) == 1


def test_a_write_protected_file_is_kept_as_it_is_and_that_is_told_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_settings(path, Settings(mirrored=False))
    path.chmod(0o444)
    for _ in range(3):
        save_settings(path, Settings(mirrored=True))
    assert load_settings(path).mirrored is False
    assert [record.getMessage() for record in caplog.records] == [
        f"The settings {path} are write-protected; what you change is not kept."
    ]


def test_two_programs_that_save_at_once_leave_whole_settings(path: Path) -> None:
    save_settings(path, Settings())
    broken: list[Settings] = []
    done = Event()

    def read() -> None:
        while not done.is_set():
            if load_settings(path).control.arm_gesture not in ("", "first" * 500, "second" * 900):
                broken.append(load_settings(path))

    def save(name: str) -> None:
        for _ in range(100):
            save_settings(path, Settings(control=ControlSettings(arm_gesture=name)))

    reader = Thread(target=read)
    writers = [Thread(target=save, args=(name,)) for name in ("first" * 500, "second" * 900)]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert broken == []
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_a_program_reads_its_settings_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(path, Settings(engine="onnx"))
    reads: list[Path] = []

    def read(path: Path) -> Settings:
        reads.append(path)
        return load_settings(path)

    monkeypatch.setattr(settings_module, "load_settings", read)
    store = SettingsStore(path)
    assert [store.current.engine for _ in range(3)] == ["onnx"] * 3
    assert reads == [path]


def test_what_one_window_changes_is_kept_and_undoes_nothing_of_another(path: Path) -> None:
    first, second = SettingsStore(path), SettingsStore(path)
    assert first.current == second.current == Settings()
    first.change(engine="onnx")
    second.change(model="models/mine")
    assert second.current == load_settings(path) == Settings(engine="onnx", model="models/mine")


def test_a_decision_that_was_chosen_holds_for_every_model(path: Path) -> None:
    own, chosen = DecisionSettings(hold_s=0.4), DecisionSettings(fire_above=0.9)
    spec = make_spec(decision=own)
    store = SettingsStore(path)
    assert store.decision_for(spec) == own
    store.change(decision=chosen)
    assert store.decision_for(spec) == chosen
