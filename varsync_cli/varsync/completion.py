"""What a shell offers for the words that a user begins to type."""

from __future__ import annotations


def one_rule(incomplete: str) -> list[tuple[str, str]]:
    """The codes, or in small letters the names, of rules; each with the other as help."""
    from varsync_rules.registry import rules

    if incomplete[:1].islower():
        return [(rule.name, rule.code) for rule in rules() if rule.name.startswith(incomplete)]
    return [(rule.code, rule.name) for rule in rules() if rule.code.startswith(incomplete)]


def rules_in_a_list(incomplete: str) -> list[tuple[str, str]]:
    """The same, and ALL, for the last word of a comma list."""
    before, comma, word = incomplete.rpartition(",")
    offered = one_rule(word)
    if not word[:1].islower() and "ALL".startswith(word):
        offered.insert(0, ("ALL", "every rule"))
    return [(f"{before}{comma}{value}", help_) for value, help_ in offered]
