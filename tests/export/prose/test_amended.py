"""A text through its corrections: what was first, what stands now, and whose change each word is."""

from hypothesis import given
from hypothesis import strategies as st

from vaultcli.export.document import INSERTED, SAME, STRUCK, Span
from vaultcli.export.prose import amended

WORDS = st.lists(st.sampled_from(["She", "came", "late", "early", "\n", "not", "on", "time", ". "]), max_size=12).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_what_is_not_struck_joins_to_the_text_that_stands(texts):
    spans = amended.spans(texts)
    assert "".join(span.text for span in spans if span.kind != STRUCK) == texts[-1]


@given(WORDS, WORDS)
def test_what_one_correction_did_not_insert_joins_to_the_first_text(first, second):
    spans = amended.spans([first, second])
    assert "".join(span.text for span in spans if span.kind != INSERTED) == first
    assert {span.number for span in spans} <= {0}


def test_each_change_has_the_number_of_its_correction():
    assert amended.spans(["four days", "five days", "six days, counted"]) == (
        Span("four", STRUCK, 1),
        Span("five", STRUCK, 2),
        Span("six", INSERTED, 2),
        Span(" days", SAME),
        Span(", counted", INSERTED, 2),
    )
