"""Messages: English strings that can be translated later."""

from shop.domain.text.messages import Translatable, dumps, loads, translate

SWAHILI = {
    "must be at most %(high)s": "isizidi %(high)s",
    "%(field)s %(problem)s.": "%(problem)s: %(field)s.",
    "Try again.": "Jaribu tena.",
}


def test_a_message_is_its_english_sentence():
    message = Translatable("must be at most %(high)s", high=5)
    assert message == "must be at most 5"
    assert (message.template, message.params) == ("must be at most %(high)s", {"high": 5})


def test_without_params_a_percent_sign_is_one():
    assert Translatable("100 % sure") == "100 % sure"
    assert Translatable("100 % sure").translated(lambda template: template) == "100 % sure"


def test_it_survives_an_exception():
    message = Translatable("must be at most %(high)s", high=5)
    assert str(ValueError(message)) is message


def test_it_is_translated_with_the_messages_within_it():
    problem = Translatable("must be at most %(high)s", high=5)
    whole = Translatable("%(field)s %(problem)s.", field="points", problem=problem)
    assert whole == "points must be at most 5."
    assert whole.translated(SWAHILI.__getitem__) == "isizidi 5: points."


def test_other_values_stay_as_they_are():
    assert translate("Try again.", SWAHILI.__getitem__) == "Try again."
    assert translate(Translatable("Try again."), SWAHILI.__getitem__) == "Jaribu tena."
    assert translate(7, SWAHILI.__getitem__) == 7


def test_an_empty_message_is_not_the_header_of_a_catalogue():
    assert Translatable("").translated(lambda template: template or "Project-Id-Version: x") == ""


def test_a_stored_message_can_still_be_translated():
    problem = Translatable("must be at most %(high)s", high=5)
    whole = Translatable("%(field)s %(problem)s.", field="points", problem=problem)
    stored = dumps(whole)
    assert loads(stored) == whole
    assert loads(stored).translated(SWAHILI.__getitem__) == "isizidi 5: points."


def test_a_message_without_parameters_is_stored_as_it_is():
    assert (dumps("Try again."), dumps(Translatable("Try again."))) == ("Try again.", "Try again.")
    assert loads("Try again.").translated(SWAHILI.__getitem__) == "Jaribu tena."
    assert loads('{"other": 1}') == '{"other": 1}'
