"""The store keeps what it was given, and leaves other people's files alone."""

import ast
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.engine import salvage as salvaging
from simulations.engine import store
from simulations.engine.lock import alone, held
from simulations.engine.salvage import salvage
from simulations.engine.store import Made, connect, fail, failures, made, rows, save

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
        (_newer, "must have version 2, got {path} of version 3"),
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


def _small(path):
    """Make a store of 12 rows of 3 studies, and return its rows."""
    with connect(path) as opened:
        for index in range(12):
            made = Made("2000-01-01", f"origin {index % 2}")
            save(opened, "abc"[index % 3], str(index), f"row {index}" * 30, made)
    return _all(path)


def _all(path):
    with connect(path) as opened:
        return {mark: (rows(opened, mark), made(opened, mark)) for mark in "abc"}


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_store_with_a_wrong_byte_is_refused_or_gives_the_right_rows(data):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        expected = _small(path)
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        try:
            assert _all(path) == expected
        except (ValueError, OSError) as error:
            assert str(path) in str(error)  # noqa: PT017  # either will do
            assert salvage(path, Path(folder) / "new") <= 12
            saved = _all(Path(folder) / "new")
            for mark in "abc":
                assert saved[mark][0].items() <= expected[mark][0].items()


def test_damage_that_sqlite_cannot_put_into_words_is_refused_like_any(tmp_path):
    path = tmp_path / "s"
    _small(path)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"KEY (fingerprint", b"\xcbEY (fingerprint"))
    assert path.read_bytes() != content
    with pytest.raises(OSError, match="salvage") as caught:
        _all(path)
    assert str(path) in str(caught.value)
    assert salvage(path, tmp_path / "new") == 0


def test_a_damaged_word_of_the_schema_is_refused_though_its_rows_are_sound(tmp_path):
    path = tmp_path / "s"
    _small(path)
    path.write_bytes(path.read_bytes().replace(b"INTEGER PRIMARY", b"INTEGER_PRIMARY"))
    with pytest.raises(OSError, match="tables that are not its own"):
        _all(path)


def test_a_changed_row_is_seen_by_its_digest_alone(tmp_path):
    path = tmp_path / "s"
    _small(path)
    content = path.read_bytes()
    for old, new in ((b"row 7", b"row 8"), (b"origin 1", b"origin 2")):
        path.write_bytes(content.replace(old, new))
        with closing(sqlite3.connect(path)) as opened:
            assert opened.execute("PRAGMA quick_check").fetchone() == ("ok",)
        with pytest.raises(OSError, match="rows that do not match their digests"):
            _all(path)


@pytest.mark.parametrize("pages", [1, 3, 5])
def test_a_truncated_store_is_refused_and_what_is_left_is_salvaged(tmp_path, pages):
    path, new = tmp_path / "s", tmp_path / "new"
    with connect(path) as opened:
        for index in range(40):
            save(opened, "b", f"{index:02}", "row" * 100, Made(None, "here"))
    expected = _all(path)
    with path.open("r+b") as file:
        file.truncate(4096 * pages)
    command = f"`python -m simulations salvage {path} NEW` keeps what can be read"
    with pytest.raises(OSError, match=r"malformed|digests") as caught:
        _all(path)
    assert command in str(caught.value)
    kept = salvage(path, new)
    saved = _all(new)
    assert kept == sum(len(saved[mark][0]) for mark in "abc")
    assert kept > 0 or pages < 5
    for mark in "abc":
        assert saved[mark][0].items() <= expected[mark][0].items()


def test_a_sound_store_is_salvaged_whole_and_nothing_is_overwritten(tmp_path):
    path, new = tmp_path / "s", tmp_path / "new"
    expected = _small(path)
    assert salvage(path, new) == 12
    assert _all(new) == expected == _all(path)
    with pytest.raises(FileExistsError, match="`new` must not exist"):
        salvage(path, new)
    with pytest.raises(FileNotFoundError, match="`old` must be a store, got no file"):
        salvage(tmp_path / "no", tmp_path / "other")


#: As version 1 made it.
FIRST = """CREATE TABLE cells (
    fingerprint TEXT NOT NULL,
    cell TEXT NOT NULL,
    result TEXT,
    failure TEXT,
    PRIMARY KEY (fingerprint, cell),
    CHECK ((result IS NULL) <> (failure IS NULL))
) WITHOUT ROWID"""


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path):
    path = tmp_path / "s"
    with closing(sqlite3.connect(path)) as old:
        old.execute(FIRST)
        old.execute(f"PRAGMA application_id = {store.APPLICATION}")
        old.execute("PRAGMA user_version = 1")
        old.execute("INSERT INTO cells VALUES ('f', 'good', 'r', NULL)")
        old.execute("INSERT INTO cells VALUES ('f', 'bad', NULL, 'why')")
        old.commit()
    with connect(path, readonly=True) as opened:
        assert rows(opened, "f") == {"good": "r"}
    for _ in range(2):
        with connect(path) as opened:
            assert rows(opened, "f") == {"good": "r"}
            assert failures(opened, "f") == {"bad": "why"}
            assert made(opened, "f") == [Made(None, None)]
    assert path.read_bytes()[60:64] == store.VERSION.to_bytes(4)


@pytest.mark.parametrize("begun", [False, True])
def test_a_store_that_is_not_there_yet_looks_empty_and_is_not_made(begun, tmp_path):
    path = tmp_path / "s"
    if begun:  # as SQLite leaves it until the first commit
        path.touch()
    with connect(path, readonly=True) as opened:
        assert rows(opened, "f") == failures(opened, "f") == {}
    assert path.exists() == begun
    assert not begun or not path.read_bytes()
    assert len(list(tmp_path.iterdir())) == begun


def test_who_only_looks_needs_no_lock_and_changes_nothing(tmp_path):
    path = tmp_path / "s"
    with connect(path) as one:
        save(one, "f", "c", "r")
        one.execute("BEGIN IMMEDIATE")
        with connect(path, readonly=True) as other:
            assert rows(other, "f") == {"c": "r"}
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                save(other, "f", "d", "r")
        one.execute("ROLLBACK")


def test_one_run_holds_a_store_and_the_next_waits(tmp_path):
    path, waited, entered = tmp_path / "s", threading.Event(), threading.Event()

    def second():
        with alone(path, waited.set):
            entered.set()

    assert not held(path)
    thread = threading.Thread(target=second)
    with alone(path, pytest.fail):
        assert held(path)
        thread.start()
        assert waited.wait(10)
        assert not entered.is_set()
    thread.join()
    assert entered.is_set()
    assert not held(path)


@pytest.mark.parametrize("module", [store, salvaging])
def test_sql_is_constant_and_values_are_bound(module):
    """What is executed is a name or a text, never put together on the spot."""
    tree = ast.parse(Path(module.__file__).read_text())
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("execute")
    ]
    assert len(calls) >= 3
    assert all(isinstance(call.args[0], (ast.Constant, ast.Name)) for call in calls)
    assert store.APPLICATION == 0x68616C66
    assert store.VERSION == 2  # as the pragmas have them


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
