"""The store keeps what it was given, and leaves other people's files alone."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.engine import store
from simulations.engine.store import connect, fail, failures, rows, save

names = st.sampled_from("ab")
actions = st.lists(st.tuples(st.booleans(), names, names, st.text(max_size=3)))


@settings(max_examples=50, deadline=None)
@given(actions=actions)
def test_the_store_is_a_dictionary_in_which_rows_stay_and_replace_failures(actions):
    good, bad = {}, {}
    with connect(Path(":memory:")) as opened:
        for succeeds, mark, cell, text in actions:
            (save if succeeds else fail)(opened, mark, cell, text)
            if succeeds:
                good.setdefault((mark, cell), text)
                bad.pop((mark, cell), None)
            elif (mark, cell) not in good:
                bad[mark, cell] = text
        for mark in "ab":
            kept = {cell: text for (its, cell), text in good.items() if its == mark}
            assert rows(opened, mark) == kept
            lost = {cell: text for (its, cell), text in bad.items() if its == mark}
            assert failures(opened, mark) == lost


def test_every_row_is_committed_at_once(tmp_path):
    path = tmp_path / "s"
    with connect(path) as one, connect(path) as other:
        save(one, "f", "c", "r")
        assert rows(other, "f") == {"c": "r"}
        assert one.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with connect(path) as again:
        assert rows(again, "f") == {"c": "r"}


def test_a_writer_waits_for_another(tmp_path):
    path, held = tmp_path / "s", threading.Event()

    def hold():
        with connect(path) as one:
            one.execute("BEGIN IMMEDIATE")
            save(one, "f", "first", "r")
            held.set()
            time.sleep(0.2)
            one.execute("COMMIT")

    holder = threading.Thread(target=hold)
    with connect(path) as other:
        holder.start()
        assert held.wait(10)
        save(other, "f", "second", "r")
        holder.join()
        assert rows(other, "f") == {"first": "r", "second": "r"}


def _database(path, application, version):
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA application_id = {application}")
        other.execute(f"PRAGMA user_version = {version}")
        other.execute("CREATE TABLE t (x)")
        other.commit()


def _foreign(path):
    _database(path, 0, 0)


def _newer(path):
    _database(path, store.APPLICATION, store.VERSION + 1)


def _text(path):
    path.write_text("my thesis")


def _damaged(path):
    with connect(path) as opened:
        for index in range(200):
            save(opened, "f", str(index), "r" * 100)
    head = path.read_bytes()
    path.write_bytes(head[:100] + b"\x07" * (len(head) - 100))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_foreign, "must be a store of simulations, got {path}, which is not one"),
        (_text, "must be a store of simulations, got {path}, which is not one"),
        (_newer, "must have version 1, got {path} of version 2"),
        (Path.mkdir, "must be a file, got {path}"),
        (_damaged, "must be sound and writable, got {path} (database disk image"),
    ],
)
def test_what_is_no_sound_store_is_refused_and_untouched(tmp_path, make, sentence):
    path = tmp_path / "s"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises((ValueError, OSError)) as caught, connect(path) as opened:
        rows(opened, "f")
    assert str(caught.value).startswith(f"`store` {sentence.format(path=path)}")
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_missing_folder_is_refused_and_not_made(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match="`store` must lie in a folder that"),
        connect(tmp_path / "no" / "s"),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_folder_without_permission_is_refused(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):  # as for root
        folder = Path("/proc")
    if not folder.is_dir():
        pytest.skip("every folder can be written here")
    with (
        pytest.raises(OSError, match="`store` must be sound and writable, got"),
        connect(folder / "s"),
    ):
        pass


def test_a_store_locked_for_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    with connect(tmp_path / "s") as one:
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked"), connect(tmp_path / "s"):
            pass
