"""A small texture folder of painted hands, for tests: real ones are never committed."""

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

RED_BGR, BLUE_BGR = (40, 40, 200), (200, 60, 40)


def painted_hand() -> NDArray[np.uint8]:
    """Return BGRA: a red palm with fingers, cut at the lower edge."""
    picture = np.zeros((120, 80, 4), np.uint8)
    cv2.rectangle(picture, (28, 80), (52, 119), (*RED_BGR, 255), -1)
    cv2.rectangle(picture, (16, 50), (64, 90), (*RED_BGR, 255), -1)
    for left in (16, 29, 42, 55):
        cv2.rectangle(picture, (left, 6), (left + 9, 55), (*RED_BGR, 255), -1)
    return picture


def painted_thumb() -> NDArray[np.uint8]:
    """Return BGRA: a red fist with its arm at the left and a blue thumb up."""
    picture = np.zeros((100, 110, 4), np.uint8)
    cv2.rectangle(picture, (0, 60), (50, 85), (*RED_BGR, 255), -1)
    cv2.rectangle(picture, (40, 45), (105, 95), (*RED_BGR, 255), -1)
    cv2.rectangle(picture, (50, 4), (68, 46), (*BLUE_BGR, 255), -1)
    return picture


def write_textures(folder: Path) -> Path:
    """Write a folder with two sets of hands, a room and two people; return it."""
    rows: list[tuple[str, str, str]] = []

    def add(path: str, kind: str, pose: str, picture: NDArray[np.uint8]) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / path), picture)
        rows.append((path, kind, pose))

    for name in ("first", "second"):
        add(f"hands/{name}/palm.png", "hand", "open_palm", painted_hand())
    add("hands/first/unused.png", "hand", "spock", painted_hand())
    add("hands/first/thumb.png", "hand", "thumb_up", painted_thumb())
    add("hands/first/down.png", "hand", "thumb_down", painted_thumb()[::-1])
    noise = np.random.default_rng(1).integers(60, 200, (60, 80, 3), dtype=np.uint8)
    add("rooms/room.png", "background", "", noise)
    add("people/first/hands.png", "person", "palm", noise[::-1])
    add("people/first/quiet.png", "person", "no_class", noise[:, ::-1])
    write_manifest(folder, rows)
    return folder


def write_manifest(folder: Path, rows: list[tuple[str, str, str]]) -> None:
    """Write `manifest.csv`."""
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(("path", "kind", "pose"))
        writer.writerows(rows)
