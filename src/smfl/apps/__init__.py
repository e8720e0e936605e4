"""The door: the command line, the report. Parsing and rendering, no logic of their own."""
