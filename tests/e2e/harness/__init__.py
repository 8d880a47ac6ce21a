"""What the cases of the end-to-end tests are made of."""
