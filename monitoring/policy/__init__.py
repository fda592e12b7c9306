"""What the policy says: rule sets with dated numbers, facts with names, rules, the engine, and the reasons."""
