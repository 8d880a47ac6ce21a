"""The cases, one file for each subject."""
