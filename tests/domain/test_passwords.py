"""Passwords that are refused."""

import pytest

from shop.domain.passwords import STAFF_MIN_LENGTH, check_password, is_common

PERSON = ("Njeri Kamau", "njeri.kamau@duka.example", "Duka la Maziwa")


@pytest.mark.parametrize("password", ["maziwa-na-chai", "abcdxyz1", "x" * 200, "ödön-é6x"])
def test_an_ordinary_password_is_taken(password):
    assert check_password(password) is None


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "at least 8"),
        ("abc12xy", "at least 8"),
        ("x" * 201, "at most 200"),
        ("12345678", "most common"),
        ("Password", "most common"),
        ("QWERTY123", "most common"),
        ("nairobi123", "most common"),
    ],
)
def test_a_poor_password_is_refused_with_a_sentence(password, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_password(password)


@pytest.mark.parametrize("password", ["njeri1kamau2", "DukaMaziwa2026", "njeri-kamau-duka", "kamaukamau12"])
def test_public_details_of_a_person_are_not_valid_as_password(password):
    with pytest.raises(ValueError, match="too close"):
        check_password(password, minimum=STAFF_MIN_LENGTH, context=PERSON)


@pytest.mark.parametrize("password", ["njeri-likes-tall-giraffes", "simba-na-chui", "maziwa-na-chai-7"])
def test_a_name_may_be_part_of_a_long_password(password):
    assert check_password(password, minimum=STAFF_MIN_LENGTH, context=PERSON) is None


def test_staff_need_twelve_characters():
    check_password("abcdefghjkmn", minimum=STAFF_MIN_LENGTH)
    with pytest.raises(ValueError, match="at least 12"):
        check_password("abcdefghjkm", minimum=STAFF_MIN_LENGTH)


def test_the_list_is_long_and_its_comments_are_no_passwords():
    assert is_common("trustno1")
    assert not is_common("# Common passwords, refused when a password is chosen. One a line, lower case, sorted.x")
    assert not is_common("a\nb")
