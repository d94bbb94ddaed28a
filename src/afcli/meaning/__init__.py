"""What sentences mean, as vectors: those that say alike lie close together, whatever their words."""
