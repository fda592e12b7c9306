"""Nothing personal reaches the log."""

import logging

import pytest

from fangpin.logs import DiscreetFormatter


def line(message: str, *arguments: object) -> str:
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, message, arguments, None)
    return DiscreetFormatter().format(record)


@pytest.mark.parametrize(
    "secret",
    ["37049919640517001X", "370499196405170010", "37049919640517001x43", "13800138000", "身份证370499196405170010号"],
)
def test_what_looks_like_an_identity_number_or_a_phone_is_blotted_out(secret: str) -> None:
    assert not any(run in line("value %s", secret) for run in ("370499", "13800138000"))


def test_the_row_that_postgresql_quotes_is_not_logged() -> None:
    logged = line("null value in column\nDETAIL:  Failing row contains (1, 张三, 峨山镇).\nCONTEXT: more")
    assert "张三" not in logged
    assert "CONTEXT: more" in logged


@pytest.mark.parametrize("harmless", ["2026-11-22", "370400000000", "1234567890123", "took 12.5 ms"])
def test_dates_codes_and_counts_stay_readable(harmless: str) -> None:
    assert harmless in line("value %s", harmless)
