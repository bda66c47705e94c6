"""What a webcam may see beside the usual: nothing behind the person, a person at the edge."""

import numpy as np

from training.performer.framing import sample_framing
from training.performer.room import sample_room

DRAWS = 300


def test_some_rooms_are_cut_away_and_most_of_those_are_black() -> None:
    rooms = [sample_room(np.random.default_rng(seed), 24, 32) for seed in range(DRAWS)]
    plain = [room for room in rooms if np.ptp(room, axis=(0, 1)).max() == 0.0]
    black = [room for room in plain if room.max() == 0.0]
    assert 0.12 < len(plain) / DRAWS < 0.28
    assert 0.4 < len(black) / len(plain) < 0.8


def test_some_people_sit_near_the_edge() -> None:
    framings = [sample_framing(np.random.default_rng(seed), 100) for seed in range(DRAWS)]
    places = np.array([framing.picture_position(framing.head)[0] for framing in framings])
    assert 0.15 < ((places > 0.3) & (places <= 0.8)).mean() < 0.33


def test_some_people_stand_far_off_and_of_some_only_an_arm_comes_in() -> None:
    framings = [sample_framing(np.random.default_rng(seed), 100) for seed in range(DRAWS)]
    places = np.array([framing.picture_position(framing.head) for framing in framings])
    away_m = np.array([-framing.head[2] for framing in framings])
    assert 0.07 < (away_m > 1.1).mean() < 0.17
    assert away_m.max() < 2.1
    assert 0.05 < (np.abs(places[:, 0]) > 1.2).mean() < 0.15  # the person sits beside the picture
    assert 0.06 < (places[:, 1] > 0.7).mean() < 0.2  # the head is cut off
