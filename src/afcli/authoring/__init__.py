"""Making a fact base: drafts from an article, checks, and keeping to another edition. No lookup loads this."""
