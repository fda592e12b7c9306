"""Messages as files: none half read, none lost, and an unreadable one harms nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue

import fangpin.broker  # noqa: F401  registers atomicfs://

# Each test has a queue of its own name: kombu remembers in the process which queues it has declared.


def connect(folder: Path) -> Connection:
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder / "control"}
    return Connection("atomicfs://", transport_options={**options, "polling_interval": 0.01})


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[SimpleQueue]:
    (tmp_path / "control").mkdir()
    with connect(tmp_path) as connection, connection.SimpleQueue(tmp_path.name, no_ack=True) as simple:
        yield simple


def take_all(queue: SimpleQueue) -> list[object]:
    taken = []
    while True:
        try:
            taken.append(queue.get_nowait().payload)
        except queue.Empty:
            return taken


def test_messages_come_out_in_the_order_they_went_in(queue: SimpleQueue) -> None:
    for number in range(5):
        queue.put(number)
    assert take_all(queue) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"not json"])
def test_an_unreadable_message_is_put_aside_and_the_next_one_is_read(
    queue: SimpleQueue, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / f"00000000000000000000_bad.{tmp_path.name}.msg").write_bytes(content)
    queue.put("good")
    assert take_all(queue) == ["good"]
    assert len(list(tmp_path.glob(".refused-*"))) == 1


def test_a_message_that_is_still_being_written_is_not_seen(queue: SimpleQueue, tmp_path: Path) -> None:
    (tmp_path / f".00000000000000000000_half.{tmp_path.name}.msg").write_bytes(b'{"body"')
    assert take_all(queue) == []


def test_several_readers_take_each_message_once(queue: SimpleQueue, tmp_path: Path) -> None:
    def read(_: int) -> list[object]:
        with connect(tmp_path) as connection, connection.SimpleQueue(tmp_path.name, no_ack=True) as mine:
            return take_all(mine)

    for number in range(200):
        queue.put(number)
    with ThreadPoolExecutor(4) as readers:
        taken = [number for numbers in readers.map(read, range(4)) for number in numbers]
    assert sorted(taken) == list(range(200))


def test_a_list_of_queues_left_empty_by_a_killed_process_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "control").mkdir()
    (tmp_path / "control" / f"{tmp_path.name}.exchange").write_bytes(b"")
    with connect(tmp_path) as connection, connection.SimpleQueue(tmp_path.name, no_ack=True) as simple:
        simple.put("still arrives")
        assert take_all(simple) == ["still arrives"]
