"""Recordings: pictures and sound of a media file, on one clock."""
