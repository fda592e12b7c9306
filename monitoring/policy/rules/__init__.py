"""Every rule, by its code; a code is never used a second time."""

from monitoring.policy.rule import Rule
from monitoring.policy.rules import hubei, income, luan, national, risk, scope, xinbei
from monitoring.policy.rulesets import RuleSet

FILES = (scope, income, risk, hubei, luan, national, xinbei)
RULES: dict[str, Rule] = {rule.code: rule for file in FILES for rule in file.RULES}


def rules_of(ruleset: RuleSet) -> list[Rule]:
    """The rules of a rule set in its order; the place in this order is the rule's bit."""
    return [RULES[code] for code in ruleset.rules]
