"""What `describe` needs beside the tables: the criteria of the paper for a corpus."""
