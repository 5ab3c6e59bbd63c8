"""Codes, tokens and keys."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.codes import (
    clean_code,
    code_from_nonce,
    hash_code,
    hash_secret,
    hash_subject,
    new_api_key,
    new_nonce,
    new_token,
    same,
)


@given(st.text(min_size=1), st.text())
def test_a_code_is_always_six_digits(key, nonce):
    assert re.fullmatch(r"[0-9]{6}", code_from_nonce(key, nonce))


def test_a_code_depends_on_the_secret_key_and_on_the_nonce():
    nonces = [new_nonce() for _ in range(40)]
    assert len({code_from_nonce("key", nonce) for nonce in nonces}) > 30
    assert [code_from_nonce("key", n) for n in nonces] != [code_from_nonce("other", n) for n in nonces]
    assert code_from_nonce("key", nonces[0]) == code_from_nonce("key", nonces[0])


def test_the_hash_of_a_code_is_bound_to_its_challenge_and_its_key():
    hashes = {hash_code(key, nonce, "123456") for key in ("a", "b") for nonce in ("x", "y")}
    assert len(hashes) == 4
    assert not any("123456" in text for text in hashes)


def test_a_subject_is_recognised_by_prefix():
    assert hash_subject("key", "jane@example.com") == hash_subject("key", "jane@example.com")
    assert hash_subject("key", "jane@example.com") != hash_subject("other", "jane@example.com")
    assert "jane" not in hash_subject("key", "jane@example.com")


def test_a_token_has_256_bits_and_no_other_is_like_it():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_a_key_and_its_secret_have_the_shape_of_the_wire():
    key, secret = new_api_key()
    assert re.fullmatch(r"ck_[0-9a-f]{32}", key)
    assert re.fullmatch(r"cs_[0-9a-f]{32}", secret)
    assert key[3:] != secret[3:]
    assert hash_secret(secret) != secret


@given(st.text(), st.text())
def test_comparing_in_constant_time_agrees_with_equality(one, other):
    assert same(one, other) == (one == other)
    assert same(one, one)


@pytest.mark.parametrize(
    "typed", ["482913", "482 913\n", "482-913", "\u200b482\u2009913", "４８２９１３", "482\t913", "code: 482913"]
)
def test_a_code_is_read_however_it_is_pasted(typed):
    assert clean_code(typed) == "482913"


@pytest.mark.parametrize("typed", ["", "48291", "4829130", "abc"])
def test_a_code_has_six_digits(typed):
    with pytest.raises(ValueError, match="6 digits"):
        clean_code(typed)
