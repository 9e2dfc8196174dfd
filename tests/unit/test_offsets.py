from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.offsets import Offsets

P = ("forloeb.courses", 3)
Q = ("forloeb.courses", 4)


def test_nothing_is_committable_before_the_first_record_is_finished() -> None:
    """A record in hand commits nothing, not even what stands before it."""
    offsets = Offsets()
    assert offsets.committable() == {}
    offsets.begin(P, 41)
    assert offsets.committable() == {}


def test_the_offset_after_the_last_finished_record_is_committable_once() -> None:
    """What was committed is not committed again."""
    offsets = Offsets()
    offsets.begin(P, 41)
    offsets.finish(P, 41)
    assert offsets.committable() == {P: 42}
    offsets.committed({P: 42})
    assert offsets.committable() == {}
    assert offsets.finished_since_commit == 0


def test_an_unfinished_record_holds_back_only_its_own_partition() -> None:
    """One partition waits, the others go on."""
    offsets = Offsets()
    for partition, offset in ((P, 1), (P, 2), (P, 3), (Q, 7)):
        offsets.begin(partition, offset)
    for partition, offset in ((P, 1), (P, 3), (Q, 7)):
        offsets.finish(partition, offset)
    assert offsets.committable() == {P: 2, Q: 8}


def test_a_record_that_ends_after_its_partition_was_taken_away_says_nothing() -> None:
    """It is somebody else's now, who may have committed further already."""
    offsets = Offsets()
    offsets.begin(P, 5)
    offsets.forget(P)
    offsets.finish(P, 5)
    assert offsets.committable() == {}


def test_a_record_read_twice_is_finished_once() -> None:
    """A second beginning of the same record does not block the partition for ever."""
    offsets = Offsets()
    offsets.begin(P, 5)
    offsets.begin(P, 5)
    offsets.finish(P, 5)
    assert offsets.committable() == {P: 6}


def test_an_older_answer_of_the_broker_moves_nothing_back() -> None:
    """Answers may come in another order than the questions."""
    offsets = Offsets()
    for offset in (0, 1):
        offsets.begin(P, offset)
        offsets.finish(P, offset)
    offsets.committed({P: 2})
    offsets.committed({P: 1})
    assert offsets.committable() == {}


@given(st.permutations(range(8)))
def test_whatever_the_order_of_finishing_all_is_committable_in_the_end(order: list[int]) -> None:
    """When every record is finished, the whole prefix is."""
    offsets = Offsets()
    for offset in range(8):
        offsets.begin(P, offset)
    for offset in order:
        offsets.finish(P, offset)
    assert offsets.committable() == {P: 8}


class OffsetsMachine(RuleBasedStateMachine):
    """One partition under reading, finishing, committing, and being taken away and given back."""

    def __init__(self) -> None:
        super().__init__()
        self.offsets = Offsets()
        self.position = 0
        self.unfinished: set[int] = set()
        self.broker = 0
        self.highest_committable = 0

    @rule()
    def read(self) -> None:
        self.offsets.begin(P, self.position)
        self.unfinished.add(self.position)
        self.position += 1

    @precondition(lambda self: self.unfinished)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        offset = data.draw(st.sampled_from(sorted(self.unfinished)))
        self.offsets.finish(P, offset)
        self.unfinished.discard(offset)

    @rule()
    def commit(self) -> None:
        found = self.offsets.committable()
        if found:
            assert found[P] > self.broker, "a commit never stands still or goes back"
            self.broker = found[P]
            self.offsets.committed(found)

    @rule()
    def lose_and_get_back(self) -> None:
        self.offsets.forget(P)
        self.unfinished.clear()
        self.position = self.broker
        self.highest_committable = self.broker

    @invariant()
    def never_passes_an_unfinished_record(self) -> None:
        offset = self.offsets.committable().get(P)
        if offset is None:
            return
        assert all(offset <= each for each in self.unfinished)
        assert offset <= self.position
        assert offset >= self.highest_committable
        self.highest_committable = offset


TestOffsetsMachine = OffsetsMachine.TestCase
