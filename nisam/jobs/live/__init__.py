"""The live stream of a job's log: rows are the truth, Redis only says that it is worth looking at them."""
