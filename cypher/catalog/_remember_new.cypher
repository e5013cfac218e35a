// An asset that was not there has no history.
