"""What each kind of page shows: the variables of its template, from results, predictions or a prepared folder."""
