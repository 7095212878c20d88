"""Writes findings in the forms that other programs read: JUnit XML, SARIF, workflow commands of GitHub Actions."""
