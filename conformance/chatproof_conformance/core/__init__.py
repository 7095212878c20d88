"""What every floor above speaks in: findings, evidence, verdicts, outcomes, requirements."""
