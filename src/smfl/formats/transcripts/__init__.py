"""Transcript files, each format as it is: subtitles, annotations, tables and lines of text."""
