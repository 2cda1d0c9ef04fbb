"""The table of the service's refusals."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

Rows = list[dict[str, Any]]
BY_CODE = {
    401: ("credential-rejected", 3, "never"),
    4008: ("insufficient-points", 4, "never"),
    4014: ("subscription-required", 4, "never"),
    6006: ("credit-mismatch", 1, "refetch"),
    6009: ("no-rule-match", 1, "complete"),
    6010: ("rule-mismatch", 1, "reselect"),
    400: ("invalid-settings", 1, "never"),
    400017: ("model-version-missing", 1, "never"),
    429: ("rate-limited", 1, "wait"),
    500: ("service-fault", 1, "degrade"),
    503: ("model-unavailable", 1, "wait"),
}
BY_TEXT = {
    "No exact rule match found for parameters": "no-rule-match",
    "Attribute ID does not match the calculated rule": "rule-mismatch",
    "Invalid product attribute": "invalid-product-attribute",
    "Invalid product attribute; Insufficient points": "invalid-product-attribute",
    "Insufficient points": "insufficient-points",
    "err_code=400017 err_msg=Invalid value for model": "model-version-missing",
    "The Fusion feature is supported in model v4.5, v5, v5.5 and v5.6 only": "version-lacks-feature",
    "image size should be at least 3686400 pixels": "picture-too-small",
    "output pixels should be at least 3686400": "picture-too-small",
    "this model requires a subscription": "subscription-required",
    "request failed: code 6009": "no-rule-match",
    "request failed: code 6010": "rule-mismatch",
}
# Words of the machinery that people must never have to read.
TECHNICAL = re.compile(
    r"attribute|credit_rule|form_config|\bapi\b|http|json|parameter|\bcode\b|poll", re.IGNORECASE
)


@pytest.fixture(scope="module")
def rows(registry_files: dict[str, str]) -> Rows:
    found: Rows = tomllib.loads(registry_files["errors.toml"])["error"]
    return found


def _matches(marker: str, message: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in marker.split("*"))
    if marker.isdigit():
        pattern = rf"(?<!\d){pattern}(?!\d)"
    return re.search(pattern, message, re.IGNORECASE) is not None


def test_names_and_service_codes_are_unique(rows: Rows) -> None:
    """A code means one thing."""
    names = [row["code"] for row in rows]
    codes = [code for row in rows for code in row.get("service_codes", [])]
    assert len(names) == len(set(names))
    assert len(codes) == len(set(codes))


def test_documented_codes_lead_to_the_documented_reaction(rows: Rows) -> None:
    """Every code of the service has its meaning, exit code and retry class."""
    found = {
        code: (row["code"], row["exit_code"], row["retry"])
        for row in rows
        for code in row.get("service_codes", [])
    }
    assert found == BY_CODE


@pytest.mark.parametrize(("message", "code"), BY_TEXT.items())
def test_texts_lead_to_their_row(message: str, code: str, rows: Rows) -> None:
    """The service's wording is enough when the code is missing or general: the first match counts."""
    first = next(row for row in rows if any(_matches(m, message) for m in row.get("markers", [])))
    assert first["code"] == code


def test_general_rows_come_after_the_particular_ones(rows: Rows) -> None:
    """400 and 500 say little by themselves, so their rows are marked and stand behind the others."""
    general = [row["code"] for row in rows if row.get("generic")]
    assert general == ["invalid-settings", "service-fault"]
    places = [index for index, row in enumerate(rows) if row.get("markers") and not row.get("generic")]
    assert max(places) < next(index for index, row in enumerate(rows) if row.get("generic"))


def test_texts_for_people_are_plain(rows: Rows) -> None:
    """No technical words, in neither language; Chinese is Chinese and English is English."""
    for row in rows:
        for text in (row["meaning"], row["advice"]):
            assert text["en"].isascii()
            assert not text["zh"].isascii()
            assert not TECHNICAL.search(text["en"]), text["en"]
            assert not TECHNICAL.search(text["zh"]), text["zh"]


def test_links_help_where_money_or_keys_are_the_matter(rows: Rows) -> None:
    """Key and points problems name the page that solves them."""
    links = {row["code"]: row.get("link", "") for row in rows}
    assert links["credential-rejected"].endswith("/apikey")
    assert links["insufficient-points"].endswith("/subscription")
    assert links["subscription-required"].endswith("/subscription")
