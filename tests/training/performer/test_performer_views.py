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


def test_some_people_sit_near_the_edge_but_stay_in_the_picture() -> None:
    framings = [sample_framing(np.random.default_rng(seed), 100) for seed in range(DRAWS)]
    places = np.array([framing.picture_position(framing.head)[0] for framing in framings])
    assert 0.17 < (places > 0.3).mean() < 0.33
    assert np.abs(places).max() <= 0.8
