"""What a rulebook may be, and how each mistake in one is answered."""

import pytest

from firmware_model.errors import BadInput
from host_tools.services import rulebook
from host_tools.services.schema import RULES
from host_tools.verification.policy import load_policy
from host_tools.verification.throttle import Scope

HEAD = 'name = "b"\ntitle = "B"\nroles = ["owner"]\n'


def parsed(text: str) -> rulebook.Rulebook:
    return rulebook.parse(HEAD + text, "b.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[limits]\nscope = 'user'", "b.toml: limits.scope is 'user'; expected { value = "),
        (
            "[limits]\nscope = { value = 'user' }",
            "limits.scope = 'user' has no origin: the article",
        ),
        (
            "[limits]\nlock_after_failures = { value = 0, article = '1' }",
            "limits.lock_after_failures is 0, a number from 1 to 100 is expected",
        ),
        (
            "[limits]\nlock_after_failures = { value = true, article = '1' }",
            "is True, a number from 1 to 100 is expected",
        ),
        ("[limits]\nlok = { value = 1, article = '1' }", "limits.lok is no rule; expected one of"),
        (
            "[limits]\nscope = { value = 'user', page = '1' }",
            "limits.scope has page; expected value, article, ours",
        ),
        (
            "[acts.unlock]\nby = { value = ['fax'], article = '1' }",
            "acts.unlock.by is 'fax': its way is to be one of form, phone, branch, bank, owner",
        ),
        (
            "[acts.unlock]\nby = { value = ['form for clerk'], article = '1' }",
            "whom it is for is to be one of self, others, owner",
        ),
        ("[acts.unlok]\nby = { value = [], article = '1' }", "acts.unlok is no act; expected one"),
        ("[limits", "b.toml: not TOML"),
        ("titles = 1", "b.toml: titles is 1, a table of texts is expected"),
    ],
)
def test_a_mistake_is_named_with_file_key_value_and_what_was_expected(
    text: str, message: str
) -> None:
    with pytest.raises(BadInput) as refused:
        parsed(text)
    assert message in str(refused.value)


@pytest.mark.parametrize("key", ["name", "title", "roles"])
def test_what_every_rulebook_has_may_not_be_missing(key: str) -> None:
    lines = [line for line in HEAD.splitlines() if not line.startswith(key)]
    with pytest.raises(BadInput, match=f"b.toml: {key} is None"):
        rulebook.parse("\n".join(lines), "b.toml")


def test_a_rule_that_is_not_stated_has_the_value_of_the_schema() -> None:
    rules = parsed("")
    assert [rules[rule.path.replace("*", "any")] for rule in RULES] == [r.absent for r in RULES]


def test_an_edition_says_what_differs_and_nothing_else() -> None:
    rules = parsed(
        "[fees]\nfirst = { value = 1, article = '1' }\nreissue = { value = 2, article = '1' }\n"
        "[editions.fx.fees]\nfirst = { value = 3, article = '2' }\n"
    )
    assert (rules["fees.first"], rules["fees.reissue"]) == (1, 2)
    special = rules.for_edition("fx")
    assert (special["fees.first"], special["fees.reissue"]) == (3, 2)
    assert rules.editions == ["fx"]


def test_an_origin_is_told_with_the_value() -> None:
    rules = parsed("[fees]\nfirst = { value = 5, article = '7-1', ours = 'not published' }")
    assert str(rules.stated("fees.first")) == "5 [7-1] [ours: not published]"


@pytest.mark.parametrize("name", rulebook.names())
def test_the_hosts_part_of_a_rulebook_is_a_policy(name: str) -> None:
    rules = rulebook.shipped(name)
    policy = load_policy(rules.policy_text(), name)
    assert policy.limits.scope is Scope(rules["limits.scope"])
    assert policy.enrolment.codes == rules["enrolment.asks"].count("code")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.path)
def test_what_breaks_a_value_fits_and_is_another(rule: object) -> None:
    kind, absent = rule.kind, rule.absent  # type: ignore[attr-defined]
    others = kind.breaks(absent)
    assert others
    assert all(kind.fits(other) and other != absent for other in others)
