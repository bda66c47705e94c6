"""Clips put together from pictures: real hands, cut out of photographs, moved by the performer.

The performer knows how a hand moves, but its hands are made of cones. A collage takes the
performer's movement and shows a cut-out of a real hand in it, before real rooms and real people.
"""
