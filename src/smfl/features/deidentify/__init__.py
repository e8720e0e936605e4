"""De-identification: names, dates, places, numbers and addresses out of the words and the voice."""
