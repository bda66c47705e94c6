"""The layout of a recording: an SQLite database, one file, that other programs can read as well.

`docs/recording.md` documents it; a change of meaning increases `FORMAT`.
"""

from __future__ import annotations

SUFFIX = ".adafuse"
"""Usual suffix; a recording is recognized by its content, whatever its name."""

FORMAT = 1
"""Version of the layout, kept as SQLite's `user_version`; a reader refuses newer ones."""

TWO_VIEW_FORMAT = 2
"""Version of the layout with the squares of a model of two views, without which nothing replays."""

APPLICATION_ID = 0x41644675
"""Identifies our databases ("AdFu"), kept as SQLite's `application_id`."""

PAGE_BYTES = 16384
"""Size of SQLite's pages: pictures are large, and few pages are read faster than many."""

TABLES = """
CREATE TABLE session (
    model TEXT NOT NULL,               -- name of the model
    model_digest TEXT NOT NULL,        -- SHA-256 of its weights
    model_spec TEXT NOT NULL,          -- its description, as JSON
    frame_interval_s REAL NOT NULL,    -- its cadence
    input_height INTEGER NOT NULL,     -- its input size, in pixels
    input_width INTEGER NOT NULL,
    engine TEXT NOT NULL,              -- what ran it
    source TEXT NOT NULL,              -- name of the camera or file
    app_version TEXT NOT NULL,
    started_at TEXT NOT NULL,          -- ISO 8601, UTC
    frames_left_out INTEGER NOT NULL DEFAULT 0,   -- because the disk was too slow
    finished INTEGER NOT NULL DEFAULT 0           -- 0: the program was ended from outside
);
CREATE TABLE frames (
    number INTEGER PRIMARY KEY,        -- number of the source's frame, from 0
    time_s REAL NOT NULL,              -- on the source's clock
    segment INTEGER NOT NULL,          -- grows when a camera was lost and found again
    jpeg BLOB NOT NULL
);
CREATE INDEX frames_by_time ON frames (time_s);
CREATE TABLE samples (
    frame INTEGER PRIMARY KEY,         -- number of the frame that the network saw
    time_s REAL NOT NULL,
    segment INTEGER NOT NULL,
    run INTEGER NOT NULL,              -- the network starts afresh when it changes
    decision TEXT,                     -- thresholds, as JSON; NULL: those of the sample before
    decision_state TEXT,               -- what was under way before the first sample, as JSON
    png BLOB NOT NULL                  -- what the network saw, bit for bit
);
CREATE TABLE predictions (
    number INTEGER PRIMARY KEY,        -- number of the prediction in its run of the program
    frame INTEGER NOT NULL,
    time_s REAL NOT NULL,
    label TEXT NOT NULL,
    confidence REAL NOT NULL,
    ranking TEXT NOT NULL,             -- [[label, probability], ...], most probable first
    step_ms REAL NOT NULL,
    multiply_adds INTEGER NOT NULL,
    dense_multiply_adds INTEGER NOT NULL
);
CREATE TABLE blocks (
    prediction INTEGER NOT NULL,
    position INTEGER NOT NULL,         -- from the network's input to its output
    name TEXT NOT NULL,
    kept INTEGER NOT NULL,             -- channels
    reused_cached INTEGER NOT NULL,
    reused_late INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    multiply_adds INTEGER NOT NULL,
    dense_multiply_adds INTEGER NOT NULL,
    actions BLOB NOT NULL,             -- one byte a channel: 0 keep, 1 reuse, 2 skip
    policy_ms REAL,                    -- time of choosing; NULL: not measured
    fusion_ms REAL,                    -- time of the fused convolutions
    PRIMARY KEY (prediction, position)
) WITHOUT ROWID;
CREATE TABLE gestures (
    number INTEGER PRIMARY KEY,
    time_s REAL NOT NULL,
    label TEXT NOT NULL,
    confidence REAL NOT NULL
);
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    t REAL NOT NULL,
    type TEXT NOT NULL,
    line TEXT NOT NULL                 -- as --events writes it
);
"""

SQUARES_TABLE = """
CREATE TABLE squares (
    frame INTEGER PRIMARY KEY,         -- number of the frame, as in samples
    png BLOB NOT NULL                  -- what the second view saw, bit for bit
);
"""
"""What `TWO_VIEW_FORMAT` adds."""
