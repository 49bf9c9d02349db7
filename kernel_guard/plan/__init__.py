"""The plan: the one contract between what a researcher writes and what runs. Pure values, standard library only."""
