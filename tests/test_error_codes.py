"""The catalogue of error codes is what the code says."""

from scripts import error_codes


def test_the_catalogue_is_up_to_date():
    for path, text in error_codes.written().items():
        assert path.read_text() == text, "run scripts/error_codes.py update"


def test_every_refusal_has_a_status_and_a_sentence():
    for code, (status, message) in error_codes.find_codes().items():
        assert 400 <= status < 600, code
        assert len(message) > 5, code
